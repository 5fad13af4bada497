/** The sentences of the panel, which are those of the site's language. */

import generated from "@generated/docusaurus-plugin-booklight/default/messages.json";
import type { PanelMessages } from "../../contract";

export { say } from "./say";

/** Every sentence, in the language of the site. */
export const messages: PanelMessages = generated;
