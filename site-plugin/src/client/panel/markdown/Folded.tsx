/**
 * A quotation folded to one line: how it begins, with its citations. What is folded away stays in the page, so that it is
 * printed and copied with the rest.
 */

import type { Tokens } from "marked";
import { type ReactNode, useId, useState } from "react";
import { Icon } from "../controls/Icon";
import { beginningOf, Marks } from "./Inline";

/** Show the beginning of `quotation` as the button that unfolds `children`, which are all of it. */
export function Folded({ quotation, children }: { quotation: Tokens.Blockquote; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const whole = useId();
  return (
    <blockquote className="folded" data-open={open || undefined}>
      <div className="line">
        <button type="button" aria-expanded={open} aria-controls={whole} onClick={() => setOpen(!open)}>
          <Icon name="down" />
          <span className={open ? "unseen" : undefined}>{beginningOf(quotation)}</span>
        </button>
        {!open && <Marks text={quotation.raw} />}
      </div>
      <div id={whole} className="whole">
        {children}
      </div>
    </blockquote>
  );
}
