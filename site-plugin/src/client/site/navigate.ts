/** Move through the site without leaving the page, as the site's own links do. */

/**
 * Go to `href`, a path of this site, and to the heading its hash names.
 *
 * The site's router lives in another React tree and exports no history; it does listen to `popstate`, which is how a
 * browser tells any router that the address has changed. Docusaurus then loads the page and scrolls to the heading.
 */
export function navigate(href: string): void {
  const target = new URL(href, location.href);
  if (target.href === location.href) {
    document.getElementById(decodeURIComponent(target.hash.slice(1)))?.scrollIntoView();
    return;
  }
  history.pushState({ key: Math.random().toString(36).slice(2, 8) }, "", target);
  dispatchEvent(new PopStateEvent("popstate", { state: history.state }));
}

/** Whether a click asks for this tab and nothing else; any other is the browser's to answer. */
export function isPlainClick(event: {
  button: number;
  metaKey: boolean;
  ctrlKey: boolean;
  shiftKey: boolean;
  altKey: boolean;
}): boolean {
  return event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
}
