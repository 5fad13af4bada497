/** What goes wrong in the browser without a reader needing to know: told to developers, on the console. */

const told = new Set<string>();

/** Report `error` once for each `what`, which says what did not work. What a reader broke off is no error. */
export function report(what: string, error: unknown): void {
  if (told.has(what) || (error as Error | null)?.name === "AbortError") return;
  told.add(what);
  console.error(`Booklight: ${what}`, error);
}
