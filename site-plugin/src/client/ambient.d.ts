/**
 * What Docusaurus generates for a site and its bundler adds to a module; types only.
 *
 * With webpack, Docusaurus runs linked packages through Babel's loose mode, in which `[...x]` is right for arrays only:
 * in the browser half any other iterable goes through `Array.from`.
 */

declare module "@generated/globalData" {
  const globalData: Record<string, Record<string, unknown> | undefined>;
  export default globalData;
}

declare module "@generated/i18n" {
  const i18n: { currentLocale: string };
  export default i18n;
}

declare module "@generated/docusaurus-plugin-booklight/default/messages.json" {
  const messages: import("../contract").PanelMessages;
  export default messages;
}

declare module "@generated/docusaurus-plugin-booklight/default/share.json" {
  const messages: import("../contract").ShareMessages;
  export default messages;
}

declare module "@generated/docusaurus-plugin-booklight/default/pages.json" {
  const pages: import("../contract").PageTable;
  export default pages;
}

declare module "@generated/docusaurus-plugin-booklight/default/page.json" {
  const page: import("../contract").PageExtras;
  export default page;
}

/** The site's own Prism and KaTeX; empty where the site has none. */
declare module "@booklight/prism" {
  export const Prism: import("./panel/markdown/tokens").Prism | undefined;
}

declare module "@booklight/katex" {
  const katex: import("./panel/markdown/mathml").Katex | undefined;
  export default katex;
}

interface ImportMeta {
  /** Present only under `docusaurus start`. */
  readonly webpackHot?: {
    /** What the module's earlier self left behind. */
    readonly data?: { open?: boolean };
    dispose(callback: (data: { open?: boolean }) => void): void;
  };
}
