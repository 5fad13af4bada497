/** A formula of an answer: drawn by the KaTeX that the site brings, or else as the TeX it is. */

import { useMemo } from "react";
import { report } from "../../site/report";
import { lazily, useLazy } from "../context/lazy";
import { readMathml } from "./mathml";

/** The part of KaTeX that is used. */
export interface Katex {
  renderToString(tex: string, options: Record<string, unknown>): string;
}

const OPTIONS = { output: "mathml", trust: false, strict: "ignore", maxExpand: 200, maxSize: 20 };
const katex = lazily<Katex>(async () => {
  const { default: site } = await import("@booklight/katex");
  return site?.renderToString ? site : null;
});

/** Show `tex`; a formula that cannot be drawn is shown as it is written. */
export function Formula({ tex, display }: { tex: string; display: boolean }) {
  const site = useLazy(katex);
  const drawn = useMemo(() => site && draw(tex, display, site), [tex, display, site]);
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

function draw(tex: string, displayMode: boolean, { renderToString }: Katex) {
  try {
    return readMathml(renderToString(tex, { ...OPTIONS, displayMode }));
  } catch (error) {
    report("a formula cannot be drawn", error);
    return null;
  }
}
