/** A failure, told kindly, with the way out of it. */

import type { Messages } from "../../messages/english";
import { canRetry, type Failure } from "../api/failure";
import { useMessages } from "../context/context";
import { Notice } from "./Notice";

/** Say what went wrong, and offer to try again where that can help. */
export function Failed({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  const messages = useMessages();
  return (
    <div className="failed" role="alert">
      <p>
        <Notice text={explain(failure, messages)} />
      </p>
      {canRetry(failure) && (
        <button type="button" className="plain" onClick={onRetry}>
          {messages.retry}
        </button>
      )}
    </div>
  );
}

function explain(failure: Failure, messages: Messages): string {
  switch (failure.kind) {
    case "limited":
      return messages.failures.limited(failure.seconds);
    case "unready":
      return failure.message ?? messages.failures.unready;
    case "refused":
    case "broken":
      return failure.message ?? messages.failures.broken;
    default:
      return messages.failures[failure.kind];
  }
}
