/** The language of the page. */

/** Return its tag as the browser's own formats take it; English where the page names none that is one. */
export function pageLanguage(): string {
  try {
    return Intl.getCanonicalLocales(document.documentElement.lang)[0] ?? "en";
  } catch (error) {
    if (error instanceof RangeError) return "en";
    throw error;
  }
}
