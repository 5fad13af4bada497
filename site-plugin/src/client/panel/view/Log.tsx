/** Where the conversation stands; it scrolls by itself. */

import type { ReactNode } from "react";
import { messages } from "../../messages/messages";

/** Show `children` as the conversation. What is said in it is announced elsewhere, in sentences. */
export function Log({ hidden, children }: { hidden: boolean; children: ReactNode }) {
  const label = messages.conversation;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the log is scrolled by keyboard too
    <div className="log" part="log" role="log" aria-live="off" aria-label={label} tabIndex={0} hidden={hidden}>
      {children}
    </div>
  );
}
