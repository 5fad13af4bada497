/** The client of the sidecar: the one place that sends anything. Every way to fail is an AssistantError. */

import { AssistantError, failureOfResponse } from "./failure";
import type { PlainRequest, StreamingRequest, ThreadEvent } from "./protocol";
import { openSession, withToken } from "./session";
import { readEvents } from "./sse";

/** How long, in milliseconds, the sidecar may stay silent before it counts as not answering. */
const PATIENCE = 60_000;
/** How long to wait for a stop to be heard, since the reader has moved on. */
const STOP_PATIENCE = 5_000;

/** What the panel asks of a sidecar. */
export interface Assistant {
  /** Whether this browser has asked here before; until then there is nothing to look up. */
  knowsReader(): boolean;
  /** Send a request and yield its events until the stream ends; aborting `signal` ends it at once. */
  stream(request: StreamingRequest, signal: AbortSignal): AsyncGenerator<ThreadEvent>;
  /** Send a request that has one answer. */
  call<T>(request: PlainRequest): Promise<T>;
  /** Ask the running turn of a thread to end; what was said so far is kept. */
  stop(threadId: string): Promise<void>;
  /** Send `body` as this reader to one of the sidecar's addresses beside the chat. */
  send<T>(path: string, body?: unknown): Promise<T>;
  /** Read one of the sidecar's addresses, as nobody in particular. */
  read<T>(path: string): Promise<T>;
  /** Return the address of `path` at the sidecar, in full. */
  addressOf(path: string): string;
}

/** Return a client for the sidecar at `url`, which has no trailing slash. */
export function connectAssistant(url: string): Assistant {
  const session = openSession(url, reach);

  async function post(body: unknown, signal: AbortSignal, path = "chatkit"): Promise<Response> {
    const response = await withToken(session, (token) =>
      reach(`${url}/${path}`, {
        method: "POST",
        headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
        body: JSON.stringify(body),
        signal,
      }),
    );
    if (!response.ok) throw new AssistantError(await failureOfResponse(response));
    return response;
  }

  async function* stream(request: StreamingRequest, signal: AbortSignal): AsyncGenerator<ThreadEvent> {
    const patience = keepPatience(signal);
    try {
      const response = await post(request, patience.signal);
      if (!response.body) throw new AssistantError({ kind: "cut" });
      for await (const data of readEvents(response.body, patience.renew)) yield JSON.parse(data);
    } catch (error) {
      throw patience.lost() ? new AssistantError({ kind: "slow" }) : asFailure(error);
    } finally {
      patience.end();
    }
  }

  async function call<T>(request: PlainRequest | StreamingRequest): Promise<T> {
    return (await post(request, AbortSignal.timeout(PATIENCE))).json();
  }

  return {
    knowsReader: session.known,
    stream,
    call,
    async stop(threadId) {
      const params = { thread_id: threadId, action: { type: "booklight.stop", payload: {} } };
      await (await post({ type: "threads.custom_action", params }, AbortSignal.timeout(STOP_PATIENCE))).text();
    },
    async send(path, body = {}) {
      return (await post(body, AbortSignal.timeout(PATIENCE), path)).json();
    },
    async read(path) {
      const response = await reach(`${url}/${path}`, { signal: AbortSignal.timeout(PATIENCE) });
      if (!response.ok) throw new AssistantError(await failureOfResponse(response));
      return response.json();
    },
    addressOf: (path) => new URL(`${url}/${path}`, location.href).href,
  };
}

/** `fetch`, with an unreachable or silent server as an AssistantError; an abort by the reader stays what it is. */
async function reach(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  try {
    return await fetch(input, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new AssistantError({ kind: error instanceof DOMException ? "slow" : "offline" });
  }
}

/** A stream that broke after its first byte was cut, whatever the browser calls it. */
function asFailure(error: unknown): unknown {
  const aborted = error instanceof DOMException && error.name === "AbortError";
  return aborted || error instanceof AssistantError ? error : new AssistantError({ kind: "cut" });
}

/** A signal that aborts with the reader's own, or after PATIENCE without a sign of life. */
function keepPatience(reader: AbortSignal) {
  const own = new AbortController();
  const abort = () => own.abort();
  let timer = setTimeout(abort, PATIENCE);
  reader.addEventListener("abort", abort);
  if (reader.aborted) abort();
  return {
    signal: own.signal,
    renew() {
      clearTimeout(timer);
      timer = setTimeout(abort, PATIENCE);
    },
    lost: () => own.signal.aborted && !reader.aborted,
    end() {
      clearTimeout(timer);
      reader.removeEventListener("abort", abort);
    },
  };
}
