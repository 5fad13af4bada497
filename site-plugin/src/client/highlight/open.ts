/**
 * Open what hides a place of the page: a tab that is not chosen, closed details, a folded region. Always through the
 * control that a reader would use, so that the component's state and what it stores agree with what is on show.
 */

const REGION = "[role=tabpanel][hidden],details,[id]";
/** A component renders after its control was pressed, and begins to unfold after that. */
const FRAMES = 2;

/** Open everything that is closed around `node`, the outermost first, and tell whether anything was. */
export async function openAround(node: Node | null): Promise<boolean> {
  let opened = false;
  for (const region of regionsAround(node)) {
    const control = controlOf(region, node);
    if (!control) continue;
    control.click();
    opened = true;
    await unfolded(region);
  }
  return opened;
}

function regionsAround(node: Node | null): HTMLElement[] {
  const regions: HTMLElement[] = [];
  let around = node?.parentElement?.closest<HTMLElement>(REGION);
  for (; around; around = around.parentElement?.closest<HTMLElement>(REGION)) regions.unshift(around);
  return regions;
}

/** What opens `region` for a reader who wants to see `node`; null where it is open, or nothing does. */
function controlOf(region: HTMLElement, node: Node | null): HTMLElement | null {
  if (region instanceof HTMLDetailsElement) {
    const summary = region.querySelector<HTMLElement>(":scope > summary");
    const closed = !region.open || region.dataset.collapsed === "true";
    return closed && !summary?.contains(node) ? summary : null;
  }
  if (region.getAttribute("role") === "tabpanel") return region.hidden ? tabOf(region) : null;
  return document.querySelector(`[aria-controls~="${CSS.escape(region.id)}"][aria-expanded=false]`);
}

/** The tab of a panel: the one that names it, else the one that stands in its list where the panel stands. */
function tabOf(panel: HTMLElement): HTMLElement | null {
  const named = document.getElementById(panel.getAttribute("aria-labelledby") ?? "");
  if (named) return named;
  const place = Array.from(panel.parentElement?.querySelectorAll(":scope > [role=tabpanel]") ?? []).indexOf(panel);
  const list = panel.parentElement?.parentElement?.querySelector("[role=tablist]");
  return list?.querySelectorAll<HTMLElement>(":scope > [role=tab]")[place] ?? null;
}

async function unfolded(region: HTMLElement): Promise<void> {
  for (let count = 0; count < FRAMES; count += 1) await new Promise(requestAnimationFrame);
  const moving = region.getAnimations({ subtree: true }).filter((each) => each instanceof CSSTransition);
  await Promise.allSettled(moving.map((each) => each.finished));
}
