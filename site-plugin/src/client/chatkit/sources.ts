/**
 * Citations on their way to the component. It opens a URL in a new tab; a click on an entity it hands to the site around
 * it. So a citation of one of the book's own pages travels as an entity, and is followed without leaving the page.
 */

import { resolveLink } from "../panel/links";
import type { PageIndex } from "../panel/page";
import type { Reference } from "../panel/protocol";
import type { Entity, Preview } from "./component";

/** Return `json`, an event or an answer of the sidecar, with the book's own sources as entities. */
export function localizeSources(json: string, pages: PageIndex): string {
  return JSON.stringify(JSON.parse(json, (_, value: unknown) => (isUrlSource(value) ? localize(value, pages) : value)));
}

/** Return where an entity leads on this site, and the passages to highlight there; null where it leads nowhere. */
export function followEntity({ data }: Entity): { href: string; passages: string[] } | null {
  if (data?.href === undefined) return null;
  return { href: data.href, passages: data.passage ? [data.passage] : [] };
}

/** Return a glance at a source: its heading, where it stands, and how the passage begins. */
export async function previewEntity({ title, data }: Entity): Promise<Preview> {
  const lines = [data?.group, data?.passage].filter((line) => line !== undefined && line !== "") as string[];
  const texts = lines.map((value) => ({ type: "Text", value, size: "sm" }) as const);
  return {
    preview: { type: "Basic", padding: 3, gap: 1, children: [{ type: "Title", value: title, size: "sm" }, ...texts] },
  };
}

type UrlSource = Reference & { url: string };

function isUrlSource(value: unknown): value is UrlSource {
  const source = value as Partial<Reference> | null;
  return source?.type === "url" && typeof source.url === "string" && typeof source.title === "string";
}

/** A source elsewhere stays a link. */
function localize(source: UrlSource, pages: PageIndex): UrlSource | (Reference & Entity) {
  const target = resolveLink(source.url, location.href, pages);
  if (!target || target.path === null) return source;
  const { title, description = "", group = "" } = source;
  const data = { href: target.href, passage: description, group };
  const shown = { title, icon: "book-open", interactive: true, ...(group && { group }) };
  return { ...shown, type: "entity", id: source.url, data };
}
