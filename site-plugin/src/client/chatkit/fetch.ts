/** The component's way to the sidecar: its own requests and answers, with what only the page around it knows. */

import type { RequestMetadata } from "../panel/protocol";
import { type Session, withToken } from "../panel/session";

const DATA = "data: ";

/** What is added to requests and answers. */
export interface Additions {
  /** What the reader looks at; `quoted` is the passage that stands in the composer. */
  describe(quoted: string | null): Promise<RequestMetadata>;
  /** Change the JSON of an event or an answer. */
  rewrite(json: string): Promise<string>;
  /** Called when the conversation that was asked for is not there. */
  onLost(): void;
  /** Called when the component breaks a request off, which is how it says Stop. */
  onStop(): void;
}

/** Return the `fetch` that the component is given. A request that is no JSON text is passed on with the token alone. */
export function sidecarFetch(session: Session, { describe, rewrite, onLost, onStop }: Additions): typeof fetch {
  return async (input, init) => {
    const json = typeof init?.body === "string" ? await addMetadata(init.body, describe) : null;
    const response = await withToken(session, (token) => {
      const headers = new Headers({ Authorization: `Bearer ${token}` });
      if (json !== null) headers.set("Content-Type", "application/json");
      return fetch(input, { ...init, headers, body: json ?? init?.body ?? null });
    });
    if (response.status === 404) onLost();
    init?.signal?.addEventListener("abort", onStop, { once: true });
    return response.ok && response.body ? rewritten(response, response.body, rewrite) : response;
  };
}

async function addMetadata(body: string, describe: Additions["describe"]): Promise<string> {
  const request: { params?: { input?: { quoted_text?: string | null } }; metadata?: object } = JSON.parse(body);
  const metadata = await describe(request.params?.input?.quoted_text ?? null);
  return JSON.stringify({ ...request, metadata: { ...request.metadata, ...metadata } });
}

/** The answer anew, event by event as it arrives. */
function rewritten(
  { status, headers }: Response,
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  rewrite: Additions["rewrite"],
): Response {
  const type = headers.get("Content-Type") ?? "";
  const change = type.startsWith("text/event-stream") ? eachEvent(rewrite) : whole(rewrite);
  const changed = body.pipeThrough(new TextDecoderStream()).pipeThrough(change).pipeThrough(new TextEncoderStream());
  return new Response(changed, { status, headers: { "Content-Type": type } });
}

function eachEvent(rewrite: Additions["rewrite"]): TransformStream<string, string> {
  let rest = "";
  return new TransformStream({
    async transform(text, out) {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        const event = line.startsWith(DATA) ? DATA + (await rewrite(line.slice(DATA.length))) : line;
        out.enqueue(`${event}\n`);
      }
    },
    flush: (out) => out.enqueue(rest),
  });
}

function whole(rewrite: Additions["rewrite"]): TransformStream<string, string> {
  let json = "";
  return new TransformStream({
    transform(text) {
      json += text;
    },
    async flush(out) {
      out.enqueue(await rewrite(json));
    },
  });
}
