/** The button that shares an answer; what it opens is loaded when it is first wanted. */

import { useRef, useState } from "react";
import { messages } from "../../messages/messages";
import type { Assistant } from "../api/assistant";
import type { AssistantMessage } from "../api/protocol";
import { lazily, useLazy } from "../context/lazy";
import { IconButton } from "../controls/IconButton";

const form = lazily(() => import("./ShareForm"));

/** Show the button, and what it opens. */
export function Share({ item, sharer }: { item: AssistantMessage; sharer: Assistant }) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const loaded = useLazy(form, open);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <IconButton
        button={button}
        icon="share"
        label={messages.share}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      />
      {open && loaded && <loaded.ShareForm item={item} sharer={sharer} onClose={close} />}
    </>
  );
}
