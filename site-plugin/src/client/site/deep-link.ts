/** Links that bring a question along: `?ask=…` fills it in and never sends it. */

const PARAMETER = "ask";
const MAX_QUESTION = 8_000;

/** Return the question in the page's address, and take it out of there, so that neither a reload nor a copy repeats it. */
export function takeLinkedQuestion(): string | null {
  const url = new URL(location.href);
  const question = url.searchParams.get(PARAMETER)?.trim().slice(0, MAX_QUESTION);
  if (question === undefined) return null;
  url.searchParams.delete(PARAMETER);
  history.replaceState(history.state, "", url);
  return question || null;
}
