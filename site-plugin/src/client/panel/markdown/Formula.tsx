/** A formula of an answer: drawn by the KaTeX that the site brings, or else as the TeX it is. */

import { type ReactNode, useMemo } from "react";
import { report } from "../../site/report";
import { lazily, useLazy } from "../context/lazy";
import type { FormulaRenderer } from "./mathml";

const katex = lazily<FormulaRenderer>(async () => {
  const { default: site } = await import("@booklight/katex");
  return site?.renderToString ? (await import("./mathml")).drawWith(site) : null;
});

/** Show `tex`; a formula that cannot be drawn is shown as it is written. */
export function Formula({ tex, display }: { tex: string; display: boolean }) {
  const renderer = useLazy(katex);
  const drawn = useMemo(() => renderer && draw(tex, display, renderer), [tex, display, renderer]);
  const shown = drawn ?? <code>{tex}</code>;
  return display ? (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a wide formula is scrolled by keyboard too
    <div className="formula scroll" tabIndex={0}>
      {shown}
    </div>
  ) : (
    shown
  );
}

function draw(tex: string, display: boolean, renderer: FormulaRenderer): ReactNode {
  try {
    return renderer.draw(tex, display);
  } catch (error) {
    report("a formula cannot be drawn", error);
    return null;
  }
}
