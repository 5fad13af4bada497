/** The words of a passage that a reader selected, as the way back to where it stands. */

import type { Passage } from "../selection/passage";
import { useMessages } from "./context";
import { BookLink } from "./Link";

const SHOWN = 300;

/** Show how `passage` begins; following it highlights the passage on its page. */
export function PassageLink({ passage }: { passage: Passage }) {
  const messages = useMessages();
  const hash = passage.anchor && `#${encodeURIComponent(passage.anchor)}`;
  return (
    <BookLink className="words" href={passage.path + hash} title={messages.toSelection} passages={[passage.text]}>
      “{passage.text.slice(0, SHOWN)}”
    </BookLink>
  );
}
