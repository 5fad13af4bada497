import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { optionalModules } from "../optional";

it("finds what the site has", () => {
  const found = optionalModules(join(__dirname, "../../../book"));
  expect(basename(String(found["@booklight/prism"]))).toBe("prism-react-renderer");
  expect(basename(String(found["@booklight/katex"]))).toBe("katex");
});

it("stands for nothing where the site has none", () => {
  const bare = mkdtempSync(join(tmpdir(), "bare-"));
  expect(optionalModules(bare)).toEqual({ "@booklight/prism": false, "@booklight/katex": false });
});
