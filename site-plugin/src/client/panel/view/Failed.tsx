/** A failure, told kindly, with the way out of it. */

import { messages, say } from "../../messages/messages";
import { canRetry, type Failure } from "../api/failure";
import { Notice } from "./Notice";

/** Say what went wrong, and offer to try again where that can help. */
export function Failed({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  return (
    <div className="failed" role="alert">
      <p>
        <Notice text={explain(failure)} />
      </p>
      {canRetry(failure) && (
        <button type="button" className="plain" onClick={onRetry}>
          {messages.retry}
        </button>
      )}
    </div>
  );
}

function explain(failure: Failure): string {
  switch (failure.kind) {
    case "limited":
      return failure.seconds > 0 ? say(messages.limited, { count: failure.seconds }) : messages.limitedSoon;
    case "unready":
      return failure.message ?? messages.unready;
    case "refused":
    case "broken":
      return failure.message ?? messages.broken;
    default:
      return messages[failure.kind];
  }
}
