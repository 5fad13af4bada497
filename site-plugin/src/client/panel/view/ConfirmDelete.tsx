/** The question before anything is deleted for good. */

import { messages } from "../../messages/messages";

interface Props {
  question: string;
  onDelete: () => void;
  onKeep: () => void;
}

/** Ask `question`; the focus is on what keeps everything. */
export function ConfirmDelete({ question, onDelete, onKeep }: Props) {
  return (
    <fieldset>
      <legend>{question}</legend>
      <button type="button" className="plain" onClick={onDelete}>
        {messages.confirmDelete}
      </button>
      {/* biome-ignore lint/a11y/noAutofocus: what loses nothing is what Enter does */}
      <button type="button" className="plain" autoFocus onClick={onKeep}>
        {messages.keep}
      </button>
    </fieldset>
  );
}
