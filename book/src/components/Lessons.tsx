import type { PropSidebarItem } from "@docusaurus/plugin-content-docs";
import { useCurrentSidebarCategory, useDocsVersion } from "@docusaurus/plugin-content-docs/client";
import type { ReactNode } from "react";

import { type Row, Rows } from "./Rows";

/** The lessons of the chapter whose index page this stands on, each with its description. */
export function Lessons(): ReactNode {
  const { items } = useCurrentSidebarCategory();
  const { docs } = useDocsVersion();
  return <Rows rows={items.flatMap((item) => toRow(item, (id) => docs[id]?.description ?? ""))} />;
}

function toRow(item: PropSidebarItem, describe: (id: string) => string): Row[] {
  if (item.type !== "link") return [];
  return [{ label: item.label, to: item.href, text: item.docId ? describe(item.docId) : "" }];
}
