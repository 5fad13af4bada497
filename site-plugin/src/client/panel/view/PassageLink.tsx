/** The words of a passage that a reader selected, as the way back to where it stands. */

import type { ReactNode } from "react";
import { messages } from "../../messages/messages";
import { BookLink } from "../controls/Link";
import type { Selection } from "../state/asked-about";

interface Props {
  passage: Selection;
  children: ReactNode;
}

/** Show `children` for `passage`; following it highlights the passage on its page. */
export function PassageLink({ passage, children }: Props) {
  const hash = passage.anchor && `#${encodeURIComponent(passage.anchor)}`;
  return (
    <BookLink className="words" href={passage.path + hash} title={messages.toSelection} passages={[passage.text]}>
      {children}
    </BookLink>
  );
}
