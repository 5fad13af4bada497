import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Book, Page } from "../book";
import { llmsText, writeLlms } from "../llms";

const page = (path: string, title: string, chapterPath: string | null, lastVersion = true, listed = true): Page =>
  ({ path, title, chapterPath, lastVersion, listed }) as Page;

const BOOK = {
  site: { title: "Bees", url: "https://bees.example", baseUrl: "/book/" },
  chapters: [
    { number: 1, title: "Hives", path: "/book/hives" },
    { number: 2, title: "Empty", path: "/book/empty" },
    { number: 3, title: "Honey", path: "/book/honey" },
  ],
  pages: [
    page("/book/", "Welcome", null),
    page("/book/hives/smoker", "The [old] smoker", "/book/hives"),
    page("/book/1.0/hives/smoker", "The smoker", "/book/hives", false),
    page("/book/honey/%C3%BCber", "Über Honig", "/book/honey"),
    page("/book/honey/prices", "Prices", "/book/honey", true, false),
  ],
} as unknown as Book;

const TEXT = `# Bees

> All about bees

- [Welcome](https://bees.example/book/)

## Hives

- [The \\[old\\] smoker](https://bees.example/book/hives/smoker)

## Honey

- [Über Honig](https://bees.example/book/honey/%C3%BCber)
`;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "booklight-llms-"));
  writeFileSync(join(folder, "pages.json"), JSON.stringify(BOOK));
});

afterEach(() => rmSync(folder, { recursive: true }));

test("the pages stand under their chapters, by the addresses they are served at", () => {
  expect(llmsText(BOOK, "All about bees")).toBe(TEXT);
});

test("a site without a tagline begins with its pages", () => {
  expect(llmsText(BOOK, "")).toContain("# Bees\n\n- [Welcome]");
});

test("it lies at the root of the build, unless the site brings its own", async () => {
  const file = join(folder, "llms.txt");
  await writeLlms(join(folder, "pages.json"), "All about bees", folder);
  expect(readFileSync(file, "utf8")).toBe(TEXT);
  writeFileSync(file, "ours\n");
  await writeLlms(join(folder, "pages.json"), "All about bees", folder);
  expect(readFileSync(file, "utf8")).toBe("ours\n");
});
