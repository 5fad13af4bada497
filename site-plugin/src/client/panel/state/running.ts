/** The turn that is running: following its events, taking it up where a stream broke, and ending it. */

import { report } from "../../site/report";
import type { Assistant } from "../api/assistant";
import { type Failure, failureOf } from "../api/failure";
import type { StreamingRequest } from "../api/protocol";
import { showAnswer } from "./history";
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

/** How long to wait before each attempt to take a broken stream up again, in milliseconds. */
const PAUSES = [0, 1_000, 2_000, 4_000, 8_000];
/** The failures after which the turn may still be running. */
const BROKEN = new Set<Failure["kind"]>(["cut", "offline", "slow"]);

/** How far a stream was followed, and what ended it early. */
interface Followed {
  seen: number;
  failure: Failure | null;
}

/** Return the turns of `assistant`, told to `store` event by event; `onEnd` is called when one has ended. */
export function followTurns(assistant: Assistant, store: PanelStore, onEnd: () => Promise<void>): RunningTurn {
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
    await onEnd();
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

  /** Follow a turn that goes on without us; if that cannot be, its stream was cut. */
  async function goOn(threadId: string, signal: AbortSignal, before: number): Promise<Failure | null> {
    let seen = before;
    for (const pause of PAUSES) {
      await connection(pause, signal);
      if (signal.aborted) return null;
      const followed = await follow(resumeRequest(threadId, seen), signal, seen);
      if (followed.failure === null) return null;
      seen = followed.seen;
      if (!BROKEN.has(followed.failure.kind)) break;
      store.dispatch({ type: "reconnecting" });
    }
    return (await showAnswer(assistant, store, threadId)) ? null : { kind: "cut" };
  }

  return {
    run: (request) =>
      begin(async (signal) => {
        const { seen, failure } = await follow(request, signal);
        const { id } = store.read().thread;
        return failure && id !== null && mayRun(failure, seen) ? goOn(id, signal, seen) : failure;
      }),
    takeUp: (threadId) => begin((signal) => goOn(threadId, signal, 0)),
    async stop() {
      const { id } = store.read().thread;
      const own = current;
      store.dispatch({ type: "stopped" });
      stopping =
        id === null
          ? undefined
          : assistant.stop(id).catch((error) => report("the sidecar was not told to stop", error));
      await stopping;
      own?.abort();
    },
    leave: () => current?.abort(),
  };
}

/** Whether a turn whose stream failed after `seen` events may be running all the same. */
function mayRun(failure: Failure, seen: number): boolean {
  return failure.kind === "cut" || (seen > 0 && BROKEN.has(failure.kind));
}

function resumeRequest(threadId: string, seen: number): StreamingRequest {
  const action = { type: "booklight.resume", payload: { after: seen } };
  return { type: "threads.custom_action", params: { thread_id: threadId, action } };
}

/** Wait for `pause`, or until the browser is online again or the reader leaves. */
function connection(pause: number, signal: AbortSignal): Promise<void> {
  if (pause === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, pause);
    addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}
