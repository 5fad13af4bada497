/** Booklight's Docusaurus plugin: it puts the assistant on every page, and writes down what the book's pages are. */

import { join } from "node:path";
import type { LoadContext, Plugin, RouterType } from "@docusaurus/types";
import { buildPageTable, clientOptions, pageExtras, panelMessages, shareMessages } from "./browser";
import { writeBook } from "./build";
import { readContent } from "./content";
import { writeLlms } from "./llms";
import { optionalModules } from "./optional";
import type { PluginOptions } from "./options";
import { collectPages, type FoundBook } from "./pages";
import { collectPluginPages } from "./plugin-pages";
import { markUnlisted } from "./sitemap";

export type { Book, Chapter, Heading, Page, Site } from "./book";
export {
  type Avatar,
  type ChapterOption,
  type Options,
  type PluginOptions,
  validateOptions,
} from "./options";

const NAME = "docusaurus-plugin-booklight";
const CLIENT = join(__dirname, "..", "client");
const LAUNCHER = join(CLIENT, "launcher.js");

/**
 * Docusaurus has a file for what several parts of a site share, which every page of a small site loads. What is the
 * assistant's stays out of it, with the parts that need it.
 */
const keepTogether = {
  optimization: { splitChunks: { cacheGroups: { common: { test: isOfSite } } } },
};

/** The plugin, as Docusaurus calls it: once for every locale. Throws an Error for a site that it cannot work in. */
export default function pluginBooklight(context: LoadContext, options: PluginOptions): Plugin<undefined> {
  const { siteDir, baseUrl, siteConfig, i18n } = context;
  refuseHashRouter(siteConfig.future.experimental_router);
  const { currentLocale: locale, locales } = i18n;
  const { trailingSlash, markdown } = siteConfig;
  const routing = { locale, baseUrl, trailingSlash, format: markdown.format };
  let book: FoundBook = { pages: [], chapters: [] };
  return {
    name: NAME,

    getClientModules: () => [LAUNCHER],

    configureWebpack: ({ optimization }) => ({
      resolve: { alias: optionalModules(siteDir) },
      ...(optimization?.splitChunks ? keepTogether : {}),
    }),

    async allContentLoaded({ allContent, actions }) {
      book = collectPages(readContent(allContent), routing, options);
      const language = i18n.localeConfigs[locale]?.htmlLang ?? locale;
      const site = { url: siteConfig.url, baseUrl, language };
      actions.setGlobalData(clientOptions(options, site));
      await actions.createData("page.json", pageExtras(options, site));
      await actions.createData("pages.json", buildPageTable(book));
      await actions.createData("messages.json", panelMessages(options, language));
      await actions.createData("share.json", shareMessages(options, language));
    },

    async postBuild({ outDir, plugins }) {
      const { title, tagline, url, noIndex } = siteConfig;
      const found = [...book.pages, ...collectPluginPages(plugins, routing, options)];
      const markdown = options.llmsTxt && !noIndex;
      const site = { title, url, baseUrl, locale, locales, noIndex, siteDir, outDir, markdown };
      const file = await writeBook({ ...book, pages: markUnlisted(found, plugins) }, site, warn);
      if (markdown) await writeLlms(file, tagline, outDir);
    },
  };
}

function refuseHashRouter(router: RouterType): void {
  if (router !== "hash") return;
  throw new Error(
    `${NAME} cannot work with \`future.experimental_router: "hash"\`: such a site is one HTML file, so there is no page ` +
      "to read headings from and no address to cite. Take that line out of docusaurus.config, or take the plugin out.",
  );
}

function isOfSite(module: { nameForCondition(): string | null }): boolean {
  const path = module.nameForCondition() ?? "";
  return !path.startsWith(CLIENT) && !path.includes(NAME);
}

function warn(message: string): void {
  console.warn(`[WARNING] ${NAME}: ${message}`);
}
