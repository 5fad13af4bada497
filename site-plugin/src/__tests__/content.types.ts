/** Compiles only as long as what the content plugins say they load is what this plugin reads. */

import type { BlogContent as LoadedBlog } from "@docusaurus/plugin-content-blog";
import type { LoadedContent as LoadedDocs } from "@docusaurus/plugin-content-docs";
import type { LoadedContent as LoadedPages } from "@docusaurus/plugin-content-pages";
import type { LoadContext, Plugin, PluginModule } from "@docusaurus/types";
import type { BlogContent, DocsContent, PagesContent } from "../content";
import pluginBooklight, { type PluginOptions } from "../index";

export const read = {
  docs: (loaded: LoadedDocs): DocsContent => loaded,
  blog: (loaded: LoadedBlog): BlogContent => loaded,
  pages: (loaded: LoadedPages): PagesContent => loaded,
};

/** Docusaurus calls plugins with options of an unknown type. */
export const plugin: PluginModule = (context: LoadContext, options: unknown): Plugin =>
  pluginBooklight(context, options as PluginOptions) as Plugin;
