import type { Options, ThemeConfig } from "@docusaurus/preset-classic";
import type { Config } from "@docusaurus/types";
import rehypeKatex from "rehype-katex";
import remarkMath from "remark-math";

import { codeTheme } from "./src/code-theme";

/** The handbook builds without a network: system fonts, KaTeX from node_modules, no analytics, no hosted search. */
const config: Config = {
  title: "Booklight Handbook",
  tagline: "An assistant for Docusaurus books that answers from the book",
  favicon: "img/favicon.svg",
  url: "https://booklight.example",
  baseUrl: "/booklight/",
  trailingSlash: false,
  onBrokenLinks: "throw",
  onBrokenAnchors: "throw",
  onDuplicateRoutes: "throw",
  // Headings are written with `{#id}` as well as `{/* #id */}`, so MDX 1 compatibility stays on.
  future: { faster: true, v4: { removeLegacyPostBuildHeadAttribute: true } },
  markdown: { mermaid: true, hooks: { onBrokenMarkdownLinks: "throw", onBrokenMarkdownImages: "throw" } },
  themes: ["@docusaurus/theme-mermaid"],
  plugins: [["docusaurus-plugin-booklight", { copyPage: true, openMarkdown: true }]],
  presets: [
    [
      "classic",
      {
        docs: { sidebarPath: "./sidebars.ts", remarkPlugins: [remarkMath], rehypePlugins: [rehypeKatex] },
        blog: false,
        theme: { customCss: ["./src/css/custom.css", require.resolve("katex/dist/katex.min.css")] },
      } satisfies Options,
    ],
  ],
  themeConfig: {
    colorMode: { respectPrefersColorScheme: true },
    docs: { sidebar: { hideable: true } },
    navbar: {
      title: "Booklight",
      logo: { alt: "", src: "img/logo.svg", srcDark: "img/logo-dark.svg" },
      items: [
        { to: "/docs/reading", label: "Readers", position: "left" },
        { to: "/docs/authoring", label: "Authors", position: "left" },
        { to: "/docs/operating", label: "Operators", position: "left" },
        { to: "/docs/reference", label: "Reference", position: "left" },
      ],
    },
    tableOfContents: { minHeadingLevel: 2, maxHeadingLevel: 3 },
    prism: { theme: codeTheme, darkTheme: codeTheme, additionalLanguages: ["bash", "json", "ini", "nginx"] },
    mermaid: { theme: { light: "neutral", dark: "dark" }, options: { fontFamily: "system-ui, sans-serif" } },
  } satisfies ThemeConfig,
};

export default config;
