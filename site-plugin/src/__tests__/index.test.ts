import type { LoadContext } from "@docusaurus/types";
import { expect, test, vi } from "vitest";
import pluginBooklight, { type PluginOptions } from "../index";
import { sampleContent } from "./fixtures/index";

const context = {
  siteDir: "/site",
  baseUrl: "/book/",
  siteConfig: {
    title: "Robots",
    url: "https://example.com",
    trailingSlash: false,
    markdown: { format: "mdx" },
    future: { experimental_router: "browser" },
  },
  i18n: { currentLocale: "en", locales: ["en"], localeConfigs: { en: { htmlLang: "en-GB" } } },
} as unknown as LoadContext;

const options: PluginOptions = {
  id: "default",
  assistantUrl: "/assistant",
  title: "Ask",
  placeholder: "Ask…",
  shortcut: false,
  exclude: [],
  llmsTxt: true,
  copyPage: true,
  openMarkdown: false,
  askedBefore: true,
  chapter: () => 12,
};

async function load(allContent: Record<string, Record<string, unknown>>) {
  const actions = { addRoute: vi.fn(), createData: vi.fn(), setGlobalData: vi.fn() };
  await pluginBooklight(context, options).allContentLoaded?.({ allContent, actions });
  return actions;
}

test("before anything is built, the browser gets its options and a table of the pages", async () => {
  const { docs, pages } = sampleContent();
  const { createData, setGlobalData } = await load({
    "docusaurus-plugin-content-docs": { default: docs[0]?.content },
    "docusaurus-plugin-content-pages": { default: pages[0]?.content },
  });
  expect(setGlobalData).toHaveBeenCalledWith({
    assistantUrl: "/assistant",
    title: "Ask",
    failed: "The assistant did not load. Try again, or reload the page.",
    shortcut: false,
    page: true,
    asked: "booklight:asked:/assistant",
  });
  expect(createData).toHaveBeenCalledWith("page.json", {
    actions: ["copy"],
    home: "/book/",
    words: {
      copyPage: "Copy page",
      openMarkdown: "Open as Markdown",
      copied: "Copied",
      notDone: "That did not work. Try again.",
      askedBefore: "Asked here before: {question}",
      askedBeforeCount: "Asked here before: {count}",
      untitled: "Without a title",
    },
  });
  expect(createData).toHaveBeenCalledWith(
    "messages.json",
    expect.objectContaining({ placeholder: "Ask…", ask: "Ask" }),
  );
  expect(createData).toHaveBeenCalledWith(
    "messages.json",
    expect.not.objectContaining({ failed: expect.anything(), copyLink: expect.anything() }),
  );
  expect(createData).toHaveBeenCalledWith("share.json", expect.objectContaining({ copyLink: "Copy link" }));
  expect(createData).toHaveBeenCalledWith(
    "pages.json",
    expect.objectContaining({
      "/book/docs/robots": { title: "Robots overview", chapter: 12, chapterTitle: "Robots", lesson: null },
    }),
  );
});

test("a site without content, or whose content plugins found none, has an empty table", async () => {
  const { createData } = await load({ "docusaurus-plugin-content-pages": { default: null } });
  expect(createData).toHaveBeenCalledWith("pages.json", {});
});

test("a site with the hash router is refused by name, with what to do", () => {
  const future = { ...context.siteConfig.future, experimental_router: "hash" as const };
  const hashed = { ...context, siteConfig: { ...context.siteConfig, future } };
  expect(() => pluginBooklight(hashed, options)).toThrow(/experimental_router: "hash".*Take that line out/);
});

test("what is the assistant's stays out of the file that every page of a small site loads", () => {
  const configure = pluginBooklight(context, options).configureWebpack as (config: object) => {
    optimization?: { splitChunks: { cacheGroups: { common: { test: (module: object) => boolean } } } };
  };
  expect(configure({ optimization: { splitChunks: false } })).not.toHaveProperty("optimization");
  const common = configure({ optimization: { splitChunks: { cacheGroups: {} } } }).optimization?.splitChunks.cacheGroups
    .common;
  const takes = (path: string | null) => common?.test({ nameForCondition: () => path });
  expect(takes("/site/.docusaurus/docusaurus-plugin-booklight/default/messages.json")).toBe(false);
  expect(takes(pluginBooklight(context, options).getClientModules?.()[0] as string)).toBe(false);
  expect([takes("/site/node_modules/react/index.js"), takes(null)]).toEqual([true, true]);
});

test("the launcher is the plugin's client module", () => {
  expect(pluginBooklight(context, options).getClientModules?.()).toEqual([
    expect.stringMatching(/client[\\/]launcher\.js$/),
  ]);
});
