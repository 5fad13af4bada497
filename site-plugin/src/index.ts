/** Booklight's Docusaurus plugin: it puts the assistant on every page, and writes down what the book's pages are. */

import { join } from "node:path";
import type { LoadContext, Plugin } from "@docusaurus/types";
import { buildPageTable, clientOptions } from "./browser";
import { writeBook } from "./build";
import { readContent } from "./content";
import { optionalModules } from "./optional";
import type { PluginOptions } from "./options";
import { collectPages, type FoundBook } from "./pages";

export type { Book, Chapter, Heading, Page, Site } from "./book";
export {
  type Avatar,
  type ChapterOption,
  type ChatkitOptions,
  type Options,
  type PluginOptions,
  validateOptions,
} from "./options";

const NAME = "docusaurus-plugin-booklight";
const CLIENT = join(__dirname, "..", "client");
const LAUNCHER = join(CLIENT, "launcher.js");
/** What the launcher opens. A site has one of them in its build, and nothing of the other. */
const WIDGETS = { booklight: join(CLIENT, "panel", "mount.js"), chatkit: join(CLIENT, "chatkit", "mount.js") };

/** The plugin, as Docusaurus calls it: once for every locale. */
export default function pluginBooklight(context: LoadContext, options: PluginOptions): Plugin<undefined> {
  const { siteDir, baseUrl, siteConfig, i18n } = context;
  const locale = i18n.currentLocale;
  let book: FoundBook = { pages: [], chapters: [] };
  return {
    name: NAME,

    getClientModules: () => [LAUNCHER],

    configureWebpack: () => ({
      resolve: { alias: { ...optionalModules(siteDir), "@booklight/widget": WIDGETS[options.widget] } },
    }),

    async allContentLoaded({ allContent, actions }) {
      const { trailingSlash, markdown } = siteConfig;
      const routing = { locale, baseUrl, trailingSlash, format: markdown.format };
      book = collectPages(readContent(allContent), routing, options.chapter);
      const language = i18n.localeConfigs[locale]?.htmlLang ?? locale;
      actions.setGlobalData(clientOptions(options, { url: siteConfig.url, baseUrl, language }));
      await actions.createData("pages.json", buildPageTable(book));
    },

    async postBuild({ outDir }) {
      const { title, url } = siteConfig;
      await writeBook(book, { title, url, baseUrl, locale, siteDir, outDir }, warn);
    },
  };
}

function warn(message: string): void {
  console.warn(`[WARNING] ${NAME}: ${message}`);
}
