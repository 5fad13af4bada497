/**
 * Ranges that the browser paints over the page. The page belongs to React, so nothing is put into it; when it is
 * rendered anew, what was painted is found again.
 */

const NAME = "booklight-passage";
const STYLES = `::highlight(${NAME}) {
  background-color: color-mix(in srgb, var(--booklight-highlight, var(--booklight-accent, var(--ifm-color-primary, #2e6f5e))) 26%, transparent);
}`;

/** The one highlight of the page. */
export interface Paint {
  /** Paint what `find` returns, now and whenever the page no longer holds it; return what is painted now. */
  show(find: () => readonly Range[]): readonly Range[];
  /** Whether a point of the window is painted. */
  covers(x: number, y: number): boolean;
  clear(): void;
  dispose(): void;
}

/** Whether the browser can paint at all. */
export function canPaint(): boolean {
  return "highlights" in CSS;
}

/** Return a paint with nothing painted yet. */
export function createPaint(): Paint {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(STYLES);
  document.adoptedStyleSheets.push(sheet);
  let find: () => readonly Range[] = () => [];
  let ranges: readonly Range[] = [];
  let frame = 0;

  const paint = () => {
    ranges = find();
    if (canPaint()) CSS.highlights.set(NAME, new Highlight(...ranges));
  };
  const page = new MutationObserver(() => {
    if (ranges.length > 0 && ranges.every(isOnPage)) return;
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(paint);
  });
  const clear = () => {
    page.disconnect();
    cancelAnimationFrame(frame);
    ranges = [];
    if (canPaint()) CSS.highlights.delete(NAME);
  };
  return {
    show(finding) {
      find = finding;
      paint();
      page.observe(document.body, { childList: true, characterData: true, subtree: true });
      return ranges;
    },
    covers: (x, y) => ranges.some((range) => isWithin(range, x, y)),
    clear,
    dispose() {
      clear();
      document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
    },
  };
}

function isOnPage(range: Range): boolean {
  return !range.collapsed && range.startContainer.isConnected;
}

function isWithin(range: Range, x: number, y: number): boolean {
  return Array.from(range.getClientRects()).some(
    (box) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom,
  );
}
