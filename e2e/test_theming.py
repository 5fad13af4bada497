"""The panel in an author's looks and words, and on a site that is really built in Arabic, right to left."""

from playwright.sync_api import Locator, Page, Response, expect

from e2e.ask_panel import HIGHLIGHTED, AskPanel
from e2e.panel_states import ARABIC_QUESTION, HIVES, JAPANESE_HIVES, JAPANESE_QUESTION
from e2e.product import Product
from e2e.themed_site import PARTS

TITLE = "Ask the bees"
QUESTION = "Why do I light the smoker?"
SLID_IN = """panel => {
  const moving = [...panel.getAnimations(), ...document.getAnimations()];
  return Promise.all(moving.map(animation => animation.finished));
}"""


def test_every_part_is_reached_by_the_sites_own_styles(themed_product: Product, page: Page) -> None:
    page.goto(f"{themed_product.address}/bees/docs/hives/smoker")
    offsets = dict[str, str]()

    def look(*parts: str) -> None:
        offsets.update({part: _style(page, part, "outlineOffset") for part in parts})

    page.locator("article p").first.click(click_count=3)
    expect(AskPanel(page).bubble()).to_be_visible()
    look("launcher", "bubble")
    panel = _open(page)
    look("panel", "head", "avatar", "log", "greeting", "composer", "send")
    _ask(panel, QUESTION)
    look("question", "answer", "citation", "sources")
    assert offsets == {part: f"{place + 20}px" for place, part in enumerate(PARTS)}


def test_the_author_chooses_the_words_and_the_picture(themed_product: Product, page: Page) -> None:
    page.goto(f"{themed_product.address}/bees/docs/hives/smoker")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("Control+b")
    panel = page.get_by_role("complementary", name=TITLE)
    expect(panel.get_by_text("The bees know what this book says.")).to_be_visible()
    expect(panel.get_by_role("textbox")).to_have_attribute("placeholder", "What would a bee do?")
    picture = panel.get_by_role("img", name="A reading bee")
    expect(picture).to_have_attribute("src", "/bees/img/bee.svg")
    assert picture.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(panel.locator(".welcome img")).to_be_visible()
    expect(panel.get_by_role("heading", name="Bees begin here")).to_be_visible()
    panel.get_by_role("textbox").fill(QUESTION)
    panel.get_by_role("textbox").press("Enter")
    expect(panel.get_by_role("group", name="Before your first question")).to_contain_text("Bees will read")


def test_the_author_chooses_the_highlight(themed_product: Product, page: Page) -> None:
    page.goto(f"{themed_product.address}/bees/docs/hives/smoker")
    panel = _open(page)
    _ask(panel, QUESTION)
    panel.get_by_role("link", name="Source 1").first.click()
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    style = "getComputedStyle(document.querySelector('article p'), '::highlight(booklight-passage)').backgroundColor"
    assert "0 0 1" in page.evaluate(style)


def test_a_site_in_arabic_has_its_panel_on_the_left_and_answers_in_arabic(themed_product: Product, page: Page) -> None:
    page.set_viewport_size({"width": 1300, "height": 800})
    page.goto(f"{themed_product.address}{HIVES}")
    assert page.evaluate("document.documentElement.dir") == "rtl"
    launcher = page.get_by_role("button", name="اسأل هذا الكتاب")
    assert _left(launcher) < 200
    launcher.click()
    panel = page.get_by_role("complementary", name="اسأل هذا الكتاب")
    expect(panel.get_by_role("textbox", name="سؤالك")).to_be_focused()
    panel.evaluate(SLID_IN)
    article = page.locator("article").bounding_box()
    box = panel.bounding_box()
    assert box is not None
    assert article is not None
    assert box["x"] == 0
    assert article["x"] >= box["width"]
    _ask(panel, ARABIC_QUESTION)
    citation = panel.get_by_role("log").get_by_role("link").first
    expect(citation).to_have_attribute("aria-label", "المصدر 1: استعمال المدخن")
    citation.click()
    page.wait_for_function(f"{HIGHLIGHTED} !== ''")
    assert "أشعل المدخن" in AskPanel(page).highlighted()
    expect(panel).to_contain_text("هذه الصفحة")


def test_a_site_in_japanese_has_its_panel_in_japanese(themed_product: Product, page: Page) -> None:
    page.goto(f"{themed_product.address}{JAPANESE_HIVES}")
    page.locator("article p").first.click(click_count=3)
    expect(page.get_by_role("button", name="ここについて質問")).to_be_visible()
    page.get_by_role("button", name="この本に質問する").click()
    panel = page.get_by_role("complementary", name="この本に質問する")
    expect(panel.get_by_role("textbox", name="質問")).to_be_focused()
    expect(panel.get_by_role("button", name="「いつ巣箱を開けるか」を簡単に説明してください")).to_be_visible()
    expect(panel.get_by_label("検索範囲")).to_contain_text("本全体から（この章を優先）")
    expect(panel).to_contain_text("これらは本からの引用です。")
    _ask(panel, JAPANESE_QUESTION)
    expect(panel.get_by_role("heading", name="あなたの質問")).to_be_attached()
    expect(panel.get_by_role("button", name="回答をコピー")).to_be_visible()
    panel.get_by_role("button", name="以前の会話").click()
    expect(panel.get_by_role("button", name=f"「{JAPANESE_QUESTION}」を削除")).to_be_visible()


def test_a_page_loads_the_sentences_of_its_own_language_and_no_others(themed_product: Product, page: Page) -> None:
    scripts: list[Response] = []
    page.on("response", lambda response: scripts.append(response) if ".js" in response.url else None)
    page.goto(f"{themed_product.address}{JAPANESE_HIVES}")
    page.wait_for_load_state("networkidle")
    before = len(scripts)
    page.get_by_role("button", name="この本に質問する").click()
    expect(page.get_by_role("textbox", name="質問")).to_be_focused()
    page.wait_for_load_state("networkidle")
    assert not _hold(scripts[:before], "検索範囲"), "nothing is loaded before it is needed"
    assert _hold(scripts[before:], "検索範囲")
    assert not _hold(scripts, "Where to look")
    assert not _hold(scripts, "أين يُبحث")


def _hold(scripts: list[Response], words: str) -> bool:
    """Say whether one of `scripts` holds `words`, as they are or escaped."""
    forms = (words, words.encode("unicode_escape").decode())
    return any(form.lower() in script.text().lower() for script in scripts for form in forms)


def _open(page: Page) -> Locator:
    page.get_by_role("button", name=TITLE).click()
    return page.get_by_role("complementary", name=TITLE)


def _ask(panel: Locator, question: str) -> None:
    """Ask, agree where that is asked for, and wait for the sources."""
    panel.get_by_role("textbox").fill(question)
    panel.get_by_role("textbox").press("Enter")
    agree = panel.get_by_role("button", name="Agree and ask")
    expect(agree.or_(panel.locator(".tools"))).to_be_visible()
    if agree.is_visible():
        agree.click()
    expect(panel.locator(".tools")).to_be_visible()


def _style(page: Page, part: str, name: str) -> str:
    element = page.locator(f"booklight-assistant [part~={part}]").first
    style: str = element.evaluate("(element, name) => getComputedStyle(element)[name]", name)
    return style


def _left(element: Locator) -> float:
    box = element.bounding_box()
    assert box is not None
    return box["x"]
