/** Where the conversation stands; it scrolls by itself. */

import type { ClipboardEvent, ReactNode } from "react";
import { messages } from "../../messages/messages";

/** Show `children` as the conversation. What is said in it is announced elsewhere, in sentences. */
export function Log({ hidden, children }: { hidden: boolean; children: ReactNode }) {
  const label = messages.conversation;
  return (
    <div
      className="log"
      part="log"
      role="log"
      aria-live="off"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: the log is scrolled by keyboard too
      tabIndex={0}
      hidden={hidden}
      onCopy={showWhole}
    >
      {children}
    </div>
  );
}

/** Unfold everything for as long as the browser copies: it takes what is seen. */
function showWhole({ currentTarget: { dataset } }: ClipboardEvent<HTMLElement>): void {
  dataset.copied = "";
  setTimeout(() => delete dataset.copied);
}
