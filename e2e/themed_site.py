"""A small site in English and, right to left, in Arabic, whose author has changed the looks and the words."""

from pathlib import Path

from e2e.small_site import SmallSite, write_files

PARTS = (
    *("launcher", "bubble", "panel", "head", "avatar", "log", "greeting", "question", "answer", "citation"),
    *("sources", "composer", "send"),
)
"""Every piece that the handbook says an author's styles can reach."""

CONFIG = """const locale = process.env.DOCUSAURUS_CURRENT_LOCALE ?? "en";
const english = locale === "en";
const avatar = {src: "/img/bee.svg", alt: english ? "A reading bee" : ""};
const words = {
  title: "Ask the bees",
  greeting: "The bees know what this book says.",
  placeholder: "What would a bee do?",
  consent: "Bees will read your question.",
  shortcut: "b",
  askedBefore: false,
  strings: {starters: "Bees begin here", conversationsFound: "Flights: {count}"},
};
export default {
  title: "Bees",
  url: "https://bees.example",
  baseUrl: "/bees/",
  onBrokenLinks: "ignore",
  i18n: {
    defaultLocale: "en",
    locales: ["en", "ar", "ja"],
    localeConfigs: {
      en: {label: "English"},
      ar: {label: "العربية", direction: "rtl", htmlLang: "ar"},
      ja: {label: "日本語"},
    },
  },
  future: {faster: true, v4: {removeLegacyPostBuildHeadAttribute: true}},
  presets: [["classic", {docs: {routeBasePath: "docs"}, blog: false, theme: {customCss: "./custom.css"}}]],
  plugins: [["docusaurus-plugin-booklight", english ? {avatar, ...words} : {avatar}]],
  themeConfig: {
    colorMode: {respectPrefersColorScheme: true},
    navbar: {
      title: {en: "Bees", ar: "النحل", ja: "ミツバチ"}[locale],
      items: [{type: "localeDropdown", position: "right"}],
    },
  },
};
"""
BEE = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" fill="#f2b134"/><path d="M6 12h20M6 20h20" stroke="#3b2a12" stroke-width="4"/>
</svg>"""
SMOKER = """# Using a smoker

Light the smoker before you open a hive, because smoke hides the alarm scent of the guard bees.

## Putting it out

Never leave a lit smoker in the grass.
"""
ARABIC_SMOKER = """# استعمال المدخن

أشعل المدخن قبل أن تفتح الخلية، لأن الدخان يخفي رائحة الإنذار التي يطلقها النحل الحارس.

## إطفاء المدخن

لا تترك المدخن المشتعل في العشب أبدًا. استعمل الأمر `smoker --off` لإطفائه.

## متى تفتح الخلية؟

افتح الخلية في يوم دافئ بلا ريح.
"""
JAPANESE_SMOKER = """# 燻煙器の使い方

巣箱を開ける前に燻煙器に火をつけます。煙は門番のミツバチが出す警報のにおいを隠すからです。

## 燻煙器を消す

火のついた燻煙器を草の中に置いてはいけません。

## いつ巣箱を開けるか

風のない暖かい日に巣箱を開けます。
"""
JAPANESE_LABELS = '{"sidebar.defaultSidebar.category.hives": {"message": "巣箱"}}'
ARABIC_LABELS = '{"sidebar.defaultSidebar.category.hives": {"message": "الخلايا"}}'


def write_themed_site(folder: Path) -> SmallSite:
    """Write the site; `custom.css` gives every part an outline offset of its own, by its place in PARTS."""
    offsets = (f"booklight-assistant::part({part}) {{ outline-offset: {at + 20}px; }}" for at, part in enumerate(PARTS))
    arabic, japanese = (f"i18n/{locale}/docusaurus-plugin-content-docs" for locale in ("ar", "ja"))
    files = {
        "docusaurus.config.js": CONFIG,
        "custom.css": "\n".join([":root { --booklight-highlight: rgb(0, 0, 255); }", *offsets]),
        "static/img/bee.svg": BEE,
        "docs/hives/smoker.mdx": SMOKER,
        f"{arabic}/current.json": ARABIC_LABELS,
        f"{arabic}/current/hives/smoker.mdx": ARABIC_SMOKER,
        f"{japanese}/current.json": JAPANESE_LABELS,
        f"{japanese}/current/hives/smoker.mdx": JAPANESE_SMOKER,
    }
    return write_files(folder, files, "/bees/")
