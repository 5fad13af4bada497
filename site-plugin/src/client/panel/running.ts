/** The turn that is running: following its events, taking it up where a stream broke, and ending it. */

import type { Assistant } from "./chatkit";
import { type Failure, failureOf } from "./failure";
import type { StreamingRequest } from "./protocol";
import type { PanelStore } from "./store";
import { isUnfinished } from "./thread";

/** At most one turn runs in a panel; beginning another leaves the one before. */
export interface RunningTurn {
  /** Send `request` and follow its turn to the end. */
  run(request: StreamingRequest): Promise<void>;
  /** Follow a turn from its beginning that may still be running on the server. */
  takeUp(threadId: string): Promise<void>;
  /** Ask the server to end the turn, and keep what there is of its answer. */
  stop(): Promise<void>;
  /** Stop listening; the server goes on for as long as it is set to. */
  leave(): void;
}

/** How far a stream was followed, and what ended it early. */
interface Followed {
  seen: number;
  failure: Failure | null;
}

/** Return the turns of `assistant`, told to `store` event by event. */
export function followTurns(assistant: Assistant, store: PanelStore): RunningTurn {
  let current: AbortController | undefined;
  let stopping: Promise<void> | undefined;

  async function begin(follow: (signal: AbortSignal) => Promise<Failure | null>): Promise<void> {
    current?.abort();
    const own = new AbortController();
    current = own;
    await stopping;
    const failure = await follow(own.signal);
    if (own.signal.aborted) return;
    store.dispatch(failure ? { type: "failed", failure } : { type: "ended" });
  }

  /** Pass on the events of a stream; `seen` counts them from the beginning of the turn. */
  async function follow(request: StreamingRequest, signal: AbortSignal, before = 0): Promise<Followed> {
    let seen = before;
    try {
      for await (const event of assistant.stream(request, signal)) {
        if (signal.aborted) break;
        seen += 1;
        store.dispatch({ type: "received", event });
      }
      return { seen, failure: isUnfinished(store.read().thread) ? { kind: "cut" } : null };
    } catch (error) {
      return { seen, failure: failureOf(error) };
    }
  }

  /** Follow a turn that goes on without us; if it does not, its stream was cut. */
  async function goOn(threadId: string, signal: AbortSignal, seen: number): Promise<Failure | null> {
    const action = { type: "booklight.resume", payload: { after: seen } };
    const params = { thread_id: threadId, action };
    const { failure } = await follow({ type: "threads.custom_action", params }, signal, seen);
    return failure && { kind: "cut" };
  }

  return {
    run: (request) =>
      begin(async (signal) => {
        const { seen, failure } = await follow(request, signal);
        const { id } = store.read().thread;
        return failure?.kind === "cut" && id !== null ? goOn(id, signal, seen) : failure;
      }),
    takeUp: (threadId) => begin((signal) => goOn(threadId, signal, 0)),
    async stop() {
      const { id } = store.read().thread;
      const own = current;
      store.dispatch({ type: "stopped" });
      stopping = id === null ? undefined : assistant.stop(id).catch(() => undefined);
      await stopping;
      own?.abort();
    },
    leave: () => current?.abort(),
  };
}
