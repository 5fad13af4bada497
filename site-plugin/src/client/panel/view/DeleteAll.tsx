/** Deletes all of the reader's conversations, once they confirm it. */

import { useState } from "react";
import { messages } from "../../messages/messages";
import { ConfirmDelete } from "./ConfirmDelete";

/** Show the button, and in its place the question whether it is meant. */
export function DeleteAll({ onDelete }: { onDelete: () => Promise<void> }) {
  const [asking, ask] = useState(false);
  const remove = async () => {
    await onDelete();
    ask(false);
  };
  if (asking) return <ConfirmDelete question={messages.askDeleteAll} onDelete={remove} onKeep={() => ask(false)} />;
  return (
    <button type="button" className="plain" onClick={() => ask(true)}>
      {messages.deleteAll}
    </button>
  );
}
