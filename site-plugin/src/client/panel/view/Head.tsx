/** The panel's first line: its name, and what concerns the panel as a whole. */

import type { RefObject } from "react";
import type { ClientOptions } from "../../../contract";
import { messages } from "../../messages/messages";
import { Avatar } from "../controls/Avatar";
import { IconButton } from "../controls/IconButton";

interface Props {
  title: string;
  avatar: NonNullable<ClientOptions["avatar"]> | null;
  /** Whether the earlier conversations are shown. */
  listing: boolean;
  past: RefObject<HTMLButtonElement | null>;
  onNew: () => void;
  onList: () => void;
  onClose: () => void;
}

/** Name the panel; begin a conversation, look through the earlier ones, or close. */
export function Head({ title, avatar, listing, past, onNew, onList, onClose }: Props) {
  return (
    <header part="head">
      {avatar && <Avatar {...avatar} />}
      <h2>{title}</h2>
      <IconButton icon="add" label={messages.newConversation} onClick={onNew} />
      <IconButton
        button={past}
        icon="history"
        label={messages.history}
        title={listing ? messages.backToConversation : messages.history}
        aria-pressed={listing}
        onClick={onList}
      />
      <IconButton icon="close" label={messages.close} onClick={onClose} />
    </header>
  );
}
