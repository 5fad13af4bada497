/** The site's navbar, which lies over the page. */

/** Return where the navbar ends, in pixels from the top of the window; 0 where there is none. */
export function navbarBottom(): number {
  return document.querySelector(".navbar")?.getBoundingClientRect().bottom ?? 0;
}
