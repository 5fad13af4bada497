/** The handbook without the assistant, to see what the assistant adds to it. */

import type { Config } from "@docusaurus/types";
import handbook from "../../book/docusaurus.config";

const config: Config = { ...handbook, plugins: [] };

export default config;
