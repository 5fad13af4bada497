import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv from "ajv/dist/2020";
import { afterAll, beforeAll, expect, test } from "vitest";
import schema from "../../pages.schema.json";
import type { Book, Page } from "../book";
import { buildSite, Workshop } from "./site";

const MINUTES = 60_000;
const FASTER = "future: { faster: true, v4: { removeLegacyPostBuildHeadAttribute: true } }";

/** A part with chapters, a chapter without a page of its own, partials, posts, pages and what readers must not find. */
const BOOK = {
  "docusaurus.config.js": `module.exports = {
    title: "Robots", url: "https://example.com", baseUrl: "/book/", trailingSlash: true, ${FASTER},
    onBrokenLinks: "throw",
    i18n: {
      defaultLocale: "en", locales: ["en", "ur"],
      localeConfigs: { ur: { url: "https://ur.example.com", baseUrl: "/book/ur/" } },
    },
    presets: [["classic", {}]],
    plugins: [
      ["@docusaurus/plugin-content-docs", { id: "api", path: "api", routeBasePath: "api" }],
      ({ baseUrl }) => ({
        name: "plugin-gates",
        contentLoaded: async ({ actions }) => ["gates", "gates/secret", "search"].forEach((path) =>
          actions.addRoute({ path: baseUrl + path, component: "@site/src/components/Gates.js", exact: true })),
      }),
      ["docusaurus-plugin-booklight", {
        assistantUrl: "https://books.example.com/assistant",
        exclude: ["docs/internal/**", "gates/secret"],
        chapter: (page) => page.source?.includes("NEVER_IN_A_BROWSER") ? null : page.chapter,
      }],
    ],
  };`,
  "docs/index.md": "---\nsidebar_position: 0\n---\n# Welcome\n\n## What is here\n",
  "docs/01-basics/01-first.mdx":
    'import Setup from "./_setup.mdx";\n\n# First lesson\n\n## Setup\n\n<Setup />\n\n## Why `code`? {#why}\n\n## Setup\n',
  "docs/01-basics/_setup.mdx": "### Setup\n\nInstall it.\n",
  "docs/01-basics/02-my lesson.md": "---\ntitle: Second\n---\n\n## A & B\n\n## Schließen\n",
  "docs/02-robots/index.md": "# Robots overview\n",
  "docs/02-robots/07-arms/01-arm.md":
    "# Arm one {/* #arm */}\n\n<details>\n<summary>More</summary>\n\n### Inside\n\n</details>\n",
  "docs/02-robots/07-arms/02-grip/index.md": "# Grip\n",
  "docs/hidden.mdx": '<head>\n  <meta name="robots" content="noindex, nofollow" />\n</head>\n\n# Not for robots\n',
  "docs/off.md": "---\nbooklight: false\n---\n# Off\n",
  "docs/noindex.md": "---\nnoindex: true\n---\n# No index\n",
  "docs/internal/memo.md": "# Memo\n",
  "docs/draft.md": "---\ndraft: true\n---\n# Draft\n",
  "docs/unlisted.md": "---\nunlisted: true\n---\n# Unlisted\n",
  "api/index.md": "# Interface\n\n## Calls\n",
  "api/calls/_category_.json":
    '{"label": "Endpoints", "link": {"type": "generated-index", "description": "Every call needs the header X-Depot."}}',
  "api/calls/open.md": "---\nmdx:\n  format: md\n---\n# Open\n\n{HOME}\n",
  "i18n/ur/docusaurus-plugin-content-docs/current/01-basics/01-first.mdx": "# پہلا سبق\n\n## کیوں\n",
  "blog/2024-01-02-post.md": "---\ntags: [news]\n---\n# A post\n\n<!-- truncate -->\n\n## News\n",
  "src/pages/about.md": "---\ntitle: About\n---\n\n## Who we are\n",
  "src/components/Gates.js":
    'export default () => <main><h1>All <b>gates</b></h1><h2 id="north">North</h2><p>Opens at dawn.</p></main>;\n',
  "src/pages/index.js": 'export default () => <main><h1>Home</h1><h2 id="no">No page of the book</h2></main>;\n',
};

/** No docs, no base, no slashes settled, and a Root of the site's own. */
const PAGES_ONLY = {
  "docusaurus.config.js": `module.exports = {
    title: "Leaflet", url: "https://example.com", baseUrl: "/", ${FASTER}, markdown: { format: "detect" },
    presets: [["classic", { docs: false, blog: false }]],
    plugins: ["docusaurus-plugin-booklight"],
  };`,
  "src/theme/Root.js": 'export default ({ children }) => <div id="own-root">{children}</div>;\n',
  "src/pages/index.md": "## Hello\n",
  "src/pages/guide/index.mdx": '# Guide\n\n<h2 id="same">One</h2>\n\n## Same\n',
  "src/pages/guide/step.md": "# First step\n\n## Go\n",
};

const workshop = new Workshop();
let book: string;
let leaflet: string;
let printed: string;
let tarball: string;

beforeAll(async () => {
  tarball = workshop.pack();
  book = workshop.site("book", tarball, BOOK);
  leaflet = workshop.site("leaflet", tarball, PAGES_ONLY);
  await buildSite(book);
  printed = await buildSite(leaflet);
}, 3 * MINUTES);

afterAll(() => workshop.clear());

function readBook(build: string): Book {
  return JSON.parse(readFileSync(join(build, "booklight", "pages.json"), "utf8")) as Book;
}

function pagesByPath(build: string): Map<string, Page> {
  return new Map(readBook(build).pages.map((page) => [page.path, page]));
}

function readAll(folder: string, ending: string): string {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(ending));
  return files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n");
}

/** The script that Docusaurus loads on every page. */
function mainScript(build: string): string {
  const script = /assets\/js\/main\.\w+\.js/.exec(readFileSync(join(build, "index.html"), "utf8"))?.[0] ?? "";
  return readFileSync(join(build, script), "utf8");
}

/** What a plain web server would send for a path. */
function serve(build: string, baseUrl: string, path: string): string {
  const below = decodeURIComponent(path.slice(baseUrl.length));
  const file = [below, `${below}.html`, join(below, "index.html")].find(
    (name) => /\.html$/.test(name) && existsSync(join(build, name)),
  );
  if (file === undefined) throw new Error(`${path} is not in ${build}`);
  return readFileSync(join(build, file), "utf8");
}

test.each([
  ["the book", () => join(book, "build")],
  ["the book in Urdu", () => join(book, "build", "ur")],
  ["the leaflet", () => join(leaflet, "build")],
])("%s: the file keeps to its schema, and every page and anchor in it is served", (_, build) => {
  const written = readBook(build());
  const validate = new Ajv().compile(schema);
  expect(validate(written), JSON.stringify(validate.errors)).toBe(true);
  expect(written.pages.length).toBeGreaterThan(2);
  for (const { path, source, headings = [] } of written.pages) {
    const html = serve(build(), written.site.baseUrl, path);
    for (const { id } of headings) expect(html, `${path}#${id}`).toMatch(new RegExp(`id="?${id}["\\s>]`));
    if (source) expect(existsSync(join(build(), "booklight", written.site.siteDir, source)), source).toBe(true);
  }
});

test("what readers can find is in the file, in reading order, and nothing else", () => {
  expect([...pagesByPath(join(book, "build")).keys()]).toEqual([
    "/book/docs/",
    "/book/docs/basics/first/",
    "/book/docs/basics/my%20lesson/",
    "/book/docs/robots/",
    "/book/docs/robots/arms/arm/",
    "/book/docs/robots/arms/grip/",
    "/book/api/category/endpoints/",
    "/book/api/calls/open/",
    "/book/api/",
    "/book/blog/2024/01/02/post/",
    "/book/about/",
    "/book/gates/",
  ]);
});

test("parts, chapters and lessons are those of the sidebar, with the numbers of the folders", () => {
  const pages = pagesByPath(join(book, "build"));
  const place = (path: string) => {
    const page = pages.get(path);
    return [page?.chapter, page?.chapterPath, page?.lesson, page?.breadcrumbs];
  };
  expect(place("/book/docs/")).toEqual([null, null, null, []]);
  expect(place("/book/docs/basics/my%20lesson/")).toEqual([1, "/book/docs/basics/", "my%20lesson", ["basics"]]);
  expect(place("/book/docs/robots/")).toEqual([2, "/book/docs/robots/", null, []]);
  expect(place("/book/docs/robots/arms/arm/")).toEqual([
    7,
    "/book/docs/robots/arms/",
    "arm",
    ["Robots overview", "arms"],
  ]);
  expect(place("/book/docs/robots/arms/grip/")).toEqual([
    7,
    "/book/docs/robots/arms/",
    "grip",
    ["Robots overview", "arms"],
  ]);
});

test("headings are those a reader can link to, partials included", () => {
  const pages = pagesByPath(join(book, "build"));
  expect(pages.get("/book/docs/basics/first/")?.headings).toEqual([
    { id: "setup", level: 2, text: "Setup" },
    { id: "setup", level: 3, text: "Setup" },
    { id: "why", level: 2, text: "Why code?" },
    { id: "setup-1", level: 2, text: "Setup" },
  ]);
  expect(pages.get("/book/docs/robots/arms/arm/")).toMatchObject({
    title: "Arm one",
    headings: [{ id: "inside", level: 3, text: "Inside" }],
  });
  expect(pages.get("/book/blog/2024/01/02/post/")?.headings).toEqual([{ id: "news", level: 2, text: "News" }]);
  expect(pages.get("/book/about/")?.headings).toEqual([{ id: "who-we-are", level: 2, text: "Who we are" }]);
});

test("every page says which docs it belongs to, and how its source was compiled", () => {
  const pages = pagesByPath(join(book, "build"));
  const about = (path: string) => {
    const page = pages.get(path);
    return [page?.source, page?.format, page?.docsInstance, page?.docsVersion, page?.lastVersion];
  };
  expect(about("/book/docs/")).toEqual(["docs/index.md", "mdx", "default", "current", true]);
  expect(about("/book/api/calls/open/")).toEqual(["api/calls/open.md", "md", "api", "current", true]);
  expect(about("/book/api/category/endpoints/")).toEqual([null, null, "api", "current", true]);
  expect(about("/book/about/")).toEqual(["src/pages/about.md", "mdx", "pages/default", "current", true]);
  expect(about("/book/gates/")).toEqual([null, null, "plugin-gates/default", "current", true]);
  expect(pages.get("/book/gates/")).toMatchObject({
    title: "All gates",
    headings: [{ id: "north", level: 2, text: "North" }],
  });
  const leaves = pagesByPath(join(leaflet, "build"));
  expect([leaves.get("/")?.format, leaves.get("/guide/")?.format]).toEqual(["md", "mdx"]);
  expect(serve(join(book, "build"), "/book/", "/book/api/category/endpoints/")).toContain("X-Depot");
});

test("each locale has a file of its own", () => {
  const { site, pages } = readBook(join(book, "build", "ur"));
  expect(site).toMatchObject({
    url: "https://ur.example.com",
    baseUrl: "/book/ur/",
    locale: "ur",
    locales: ["en", "ur"],
    siteDir: "../../../",
  });
  expect(pages.find(({ path }) => path === "/book/ur/docs/basics/first/")).toMatchObject({
    title: "پہلا سبق",
    source: "i18n/ur/docusaurus-plugin-content-docs/current/01-basics/01-first.mdx",
    locale: "ur",
    headings: [{ id: "کیوں", level: 2, text: "کیوں" }],
  });
});

test("the browser gets the options and the table, and never what runs in Node", () => {
  const scripts = readAll(join(book, "build", "assets"), ".js");
  expect(scripts).toContain("https://books.example.com/assistant");
  expect(scripts).toContain("/book/docs/robots/arms/arm/");
  expect(scripts).not.toContain("NEVER_IN_A_BROWSER");
  const everyPage = mainScript(join(book, "build"));
  expect(everyPage).toContain("https://books.example.com/assistant");
  expect(everyPage).toContain("booklight-assistant");
  expect(everyPage).not.toContain('"chapterTitle"');
});

test("a site of nothing but pages, with a Root of its own, has the launcher and its pages", () => {
  const pages = pagesByPath(join(leaflet, "build"));
  expect([...pages.values()].map(({ path, title, lesson }) => [path, title, lesson]).sort()).toEqual([
    ["/", "Home", null],
    ["/guide/", "Guide", null],
    ["/guide/step", "First step", "step"],
  ]);
  expect(readFileSync(join(leaflet, "build", "index.html"), "utf8")).toContain("own-root");
  expect(readAll(join(leaflet, "build", "assets"), ".js")).toContain("booklight-assistant");
});

test(
  "a build with the hash router stops, and says why and what to do",
  async () => {
    const hashed = PAGES_ONLY["docusaurus.config.js"].replace(FASTER, 'future: { experimental_router: "hash" }');
    const site = workshop.site("hashed", tarball, { ...PAGES_ONLY, "docusaurus.config.js": hashed });
    await expect(buildSite(site)).rejects.toThrow(/cannot work with `future.experimental_router: "hash"`/);
  },
  MINUTES,
);

test("the package of a fresh checkout holds both halves, built, and the schema", () => {
  const files = spawnSync("tar", ["tzf", tarball], { encoding: "utf8" }).stdout.split("\n");
  const wanted = [
    "lib/node/index.js",
    "lib/node/index.d.ts",
    "lib/client/launcher.js",
    "pages.schema.json",
    "README.md",
  ];
  expect(files).toEqual(expect.arrayContaining(wanted.map((file) => `package/${file}`)));
  expect(files.filter((file) => /__tests__|\/src\/|tsbuildinfo/.test(file))).toEqual([]);
});

test("authors are warned of ids that two headings share", () => {
  expect(printed).toContain("headings share an id");
  expect(printed).toContain("src/pages/guide/index.mdx (#same)");
});
