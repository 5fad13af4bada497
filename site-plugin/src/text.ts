/** Small readings of what authors write: titles, names, numbers. */

/** Characters that no reader sees and that are no white space, such as the NUL that React's server rendering leaves. */
const CONTROLS = /[^\P{Cc}\s]/gu;

/** Return `text` on one line: without control characters, and with one space for any white space. */
export function cleanText(text: string): string {
  return text.replace(CONTROLS, "").replace(/\s+/g, " ").trim();
}

/** Return a title without the heading id that Docusaurus leaves in it: a comment, or braces at the end. */
export function cleanTitle(title: string): string {
  return cleanText(title.replace(/\{\/\*.*?\*\/\}/gs, "").replace(/\s*\{#[^}]+\}\s*$/, ""));
}

/** Return the name of a folder or file as a title: `getting-started` is "Getting started". */
export function prettyName(slug: string): string {
  const words = decodeOnce(slug)
    .replace(/[-_\s]+/g, " ")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** Return `label` as a URL fragment: letters and digits of any script, joined by hyphens. */
export function slugOf(label: string): string {
  return (
    label
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}]+/gu, "-")
      .replace(/^-|-$/g, "") || "chapter"
  );
}

/** Return `value` if it can number a chapter, else null. */
export function chapterNumber(value: unknown): number | null {
  return Number.isSafeInteger(value) ? (value as number) : null;
}

/** Percent-decode `text`, or return it as it is when it was not encoded. */
export function decodeOnce(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return text;
    throw error;
  }
}
