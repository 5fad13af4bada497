import { defineConfig } from "vitest/config";

const ENGLISH = new URL("./src/__tests__/client-generated/messages.ts", import.meta.url).pathname;

/** Tests of the browser half name their own environment at the head of the file. */
export default defineConfig({
  esbuild: { jsx: "automatic" },
  resolve: {
    alias: {
      "@generated/docusaurus-plugin-booklight/default/messages.json": ENGLISH,
      "@generated/docusaurus-plugin-booklight/default/share.json": ENGLISH,
      "@generated": new URL("./src/__tests__/client-generated", import.meta.url).pathname,
      "@booklight/prism": "prism-react-renderer",
      "@booklight/katex": "katex",
    },
  },
  test: {
    include: ["src/**/*.test.{ts,tsx}"],
    environment: "node",
    // As isolated as processes are, and sooner done.
    pool: "vmThreads",
    restoreMocks: true,
  },
});
