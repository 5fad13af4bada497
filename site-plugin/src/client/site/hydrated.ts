/** When the page is React's: what is put into it before makes React throw it away and render it anew. */

/** Return once React has taken the page over from its HTML, which Docusaurus notes at the root. */
export function hydrated(): Promise<void> {
  const page = document.documentElement;
  return new Promise((resolve) => {
    const observer = new MutationObserver(check);
    function check(): void {
      if (page.dataset.hasHydrated !== "true") return;
      observer.disconnect();
      resolve();
    }
    observer.observe(page, { attributeFilter: ["data-has-hydrated"] });
    check();
  });
}
