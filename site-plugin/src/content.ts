/** What Docusaurus hands to `allContentLoaded`, as far as the plugin reads it. */

import type { AllContent } from "@docusaurus/types";

/** A page's front matter as its author wrote it. */
export type FrontMatter = Readonly<Record<string, unknown>>;

/** A page of the docs plugin. `sourceDirName` is its folder below the docs folder, `.` for that folder itself. */
export interface Doc {
  readonly id: string;
  readonly title: string;
  readonly source: string;
  readonly sourceDirName: string;
  readonly permalink: string;
  readonly draft: boolean;
  readonly unlisted: boolean;
  readonly frontMatter: FrontMatter;
}

/** A sidebar entry that is a page. */
export interface SidebarDoc {
  readonly type: "doc";
  readonly id: string;
}

/** A sidebar entry that holds others, and may itself be a page. */
export interface SidebarCategory {
  readonly type: "category";
  readonly label: string;
  readonly items: readonly SidebarItem[];
  readonly link?: CategoryLink | undefined;
  readonly customProps?: Readonly<Record<string, unknown>> | undefined;
}

/** The page a category leads to: one of the docs, or a list of its items that Docusaurus makes. */
export type CategoryLink =
  | { readonly type: "doc"; readonly id: string }
  | { readonly type: "generated-index"; readonly permalink: string; readonly title?: string | undefined };

/** Any sidebar entry; references, links and HTML say nothing about where a page lives. */
export type SidebarItem = SidebarDoc | SidebarCategory | { readonly type: "ref" | "link" | "html" };

/** One version of one docs instance. `path` is the permalink its pages are below. */
export interface DocsVersion {
  readonly versionName: string;
  readonly isLast: boolean;
  readonly path: string;
  readonly docs: readonly Doc[];
  readonly sidebars: Readonly<Record<string, readonly SidebarItem[]>>;
}

/** The content of one docs instance, as its plugin loads it. */
export interface DocsContent {
  readonly loadedVersions: readonly DocsVersion[];
}

/** What one instance of a content plugin loaded, and the id that the site's configuration gives it. */
export interface Instance<Content> {
  readonly id: string;
  readonly content: Content;
}

/** A post, or a page of the pages plugin. */
export interface Article {
  readonly title?: string | undefined;
  readonly source: string;
  readonly permalink: string;
  readonly unlisted: boolean;
  readonly frontMatter: FrontMatter;
}

/** The content of one blog. */
export interface BlogContent {
  readonly blogPosts: readonly { readonly metadata: Article }[];
}

/** The content of one pages plugin: Markdown pages, and components, which are not pages of a book. */
export type PagesContent = readonly (({ readonly type: "mdx" } & Article) | { readonly type: "jsx" })[];

/** All that the content plugins of a site loaded, instance by instance, the default instance first. */
export interface SiteContent {
  readonly docs: readonly Instance<DocsContent>[];
  readonly blogs: readonly Instance<BlogContent>[];
  readonly pages: readonly Instance<PagesContent>[];
}

/** Pick the content plugins' share out of everything that was loaded. */
export function readContent(allContent: AllContent): SiteContent {
  return {
    docs: instancesOf<DocsContent>(allContent, "docusaurus-plugin-content-docs"),
    blogs: instancesOf<BlogContent>(allContent, "docusaurus-plugin-content-blog"),
    pages: instancesOf<PagesContent>(allContent, "docusaurus-plugin-content-pages"),
  };
}

/** A plugin whose folder does not exist loads null, and is left out. */
function instancesOf<Content>(allContent: AllContent, plugin: string): Instance<Content>[] {
  const { default: main, ...others } = (allContent[plugin] ?? {}) as Record<string, Content | null>;
  return Object.entries({ default: main, ...others }).flatMap(([id, content]) =>
    content == null ? [] : [{ id, content }],
  );
}
