/** What Docusaurus would generate for a site with the plugin's default options. */

import type { ClientOptions } from "../../contract";

const options: ClientOptions = {
  assistantUrl: "/assistant",
  title: "Ask this book",
  failed: "The assistant did not load. Try again, or reload the page.",
  shortcut: "i",
  asked: "booklight:asked:/assistant",
};

export default { "docusaurus-plugin-booklight": { default: options } };
