import { expect, test } from "vitest";
import { formatOf } from "../format";

test.each([
  ["mdx", undefined, "a.md", "mdx"],
  ["mdx", undefined, "a.mdx", "mdx"],
  ["md", undefined, "a.mdx", "md"],
  ["detect", undefined, "a.md", "md"],
  ["detect", undefined, "a.markdown", "md"],
  ["detect", undefined, "a.mdx", "mdx"],
  ["detect", undefined, "a.MD", "mdx"],
  ["mdx", "md", "a.mdx", "md"],
  ["mdx", "detect", "a.md", "md"],
  ["md", "detect", "a.mdx", "mdx"],
  ["md", "mdx", "a.md", "mdx"],
] as const)("a site of %s with a page of %s compiles %s as %s", (site, format, file, compiled) => {
  const frontMatter = format ? { mdx: { format } } : {};
  expect(formatOf({ source: `@site/docs/${file}`, frontMatter }, site)).toBe(compiled);
});

test("other words about MDX in front matter leave the format to the site", () => {
  expect(formatOf({ source: "@site/docs/a.md", frontMatter: { mdx: { admonitions: true } } }, "detect")).toBe("md");
});

test("a page without a file has no format", () => {
  expect(formatOf({ source: null, frontMatter: {} }, "detect")).toBeNull();
});
