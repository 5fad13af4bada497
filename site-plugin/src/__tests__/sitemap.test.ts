import { expect, test } from "vitest";
import type { FoundPage } from "../pages";
import { markUnlisted } from "../sitemap";

const found = (path: string): FoundPage => ({ page: { path, listed: true } as FoundPage["page"], file: "index.html" });
const unlisted = (pages: readonly FoundPage[]) => pages.filter(({ page }) => !page.listed).map(({ page }) => page.path);

test("a page that the sitemap is told to ignore is not listed", () => {
  const pages = [found("/book/honey"), found("/book/internal/prices"), found("/book/internal/%C3%BCber%20uns")];
  const plugins = [
    { name: "docusaurus-plugin-content-docs", options: { id: "default", ignorePatterns: ["/book/honey"] } },
    { name: "docusaurus-plugin-sitemap", options: { id: "default", ignorePatterns: ["/book/internal/**"] } },
  ];
  expect(unlisted(markUnlisted(pages, plugins))).toEqual(["/book/internal/prices", "/book/internal/%C3%BCber%20uns"]);
});

test("without a sitemap, or with one that ignores nothing, every page is listed", () => {
  const pages = [found("/book/honey"), found("/book/tags/hives")];
  expect(unlisted(markUnlisted(pages, []))).toEqual([]);
  const ignoring = { name: "docusaurus-plugin-sitemap", options: { id: "default", ignorePatterns: [] } };
  expect(unlisted(markUnlisted(pages, [ignoring]))).toEqual([]);
});
