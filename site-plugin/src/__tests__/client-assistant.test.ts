import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Assistant, connectAssistant } from "../client/panel/api/assistant";
import { AssistantError, type Failure } from "../client/panel/api/failure";
import type { PlainRequest, StreamingRequest, ThreadEvent } from "../client/panel/api/protocol";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

const LIST: PlainRequest = { type: "items.list", params: { thread_id: "thr_1", limit: 1, order: "desc" } };
const RETRY: StreamingRequest = {
  type: "threads.retry_after_item",
  params: { thread_id: "thr_1", item_id: "msg_1" },
  metadata: {
    page_context: { path: "/", current_chapter: null, current_lesson: null, locale: "en" },
    scope: "full_book",
  },
};

let answer: Answer;
let url: string;
let seen: { path: string; token: string | undefined; body: string }[];
let close: () => Promise<void>;

beforeEach(async () => {
  const kept = new Map<string, string>();
  vi.stubGlobal("window", {});
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
  });
  seen = [];
  let tokens = 0;
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    seen.push({ path: request.url ?? "", token: request.headers.authorization?.slice(7), body });
    if (request.url !== "/assistant/session") return answer(request, response, body);
    tokens += 1;
    response.end(JSON.stringify({ token: `token-${tokens}`, expires_at: "2030-01-01T00:00:00Z" }));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/assistant`;
  close = () =>
    new Promise((closed) => {
      server.closeAllConnections();
      server.close(() => closed());
    });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await close();
});

async function readAll(assistant: Assistant): Promise<ThreadEvent[]> {
  const events: ThreadEvent[] = [];
  for await (const event of assistant.stream(RETRY, new AbortController().signal)) events.push(event);
  return events;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AssistantError)) throw new Error(`expected a failure, got ${String(error)}`);
  return error.failure;
}

const refuse = (status: number, message = "", headers: Record<string, string> = {}): Answer => {
  return (_, response) => {
    response.writeHead(status, { "Content-Type": "application/json", ...headers });
    response.end(JSON.stringify({ error: { code: "x", message } }));
  };
};

it("asks for a token once, keeps it, and sends it", async () => {
  answer = (_, response) => response.end('{"data":[],"has_more":false}');
  await connectAssistant(url).call(LIST);
  await connectAssistant(url).call(LIST);
  expect(seen.map(({ path, token }) => [path, token])).toEqual([
    ["/assistant/session", undefined],
    ["/assistant/chatkit", "token-1"],
    ["/assistant/chatkit", "token-1"],
  ]);
  expect(JSON.parse(seen[1]?.body ?? "")).toEqual(LIST);
});

it("renews a refused token once, as the same reader", async () => {
  answer = (request, response, body) => {
    if (request.headers.authorization === "Bearer token-1") refuse(401)(request, response, body);
    else response.end('{"data":[],"has_more":false}');
  };
  await connectAssistant(url).call(LIST);
  expect(seen.map(({ path, token }) => [path, token])).toEqual([
    ["/assistant/session", undefined],
    ["/assistant/chatkit", "token-1"],
    ["/assistant/session", "token-1"],
    ["/assistant/chatkit", "token-2"],
  ]);
});

it("gives up when the renewed token is refused too", async () => {
  answer = refuse(401, "No.");
  expect(await failureOf(connectAssistant(url).call(LIST))).toEqual({ kind: "refused", message: "No." });
  expect(seen).toHaveLength(4);
});

it("yields the events of a stream as they come", async () => {
  answer = (_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write('data: {"type":"progress_update","text":"a"}\n\n: alive\n\n');
    response.end('data: {"type":"progress_update","text":"b"}\n\n');
  };
  const events = await readAll(connectAssistant(url));
  expect(events.map((event) => event.type === "progress_update" && event.text)).toEqual(["a", "b"]);
});

it("tells a cut stream from one that never began", async () => {
  answer = (_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write('data: {"type":"progress_update","text":"a"}\n\n', () => response.destroy());
  };
  expect(await failureOf(readAll(connectAssistant(url)))).toEqual({ kind: "cut" });
  await close();
  expect(await failureOf(readAll(connectAssistant(url)))).toEqual({ kind: "offline" });
});

it("counts what is no event as a cut", async () => {
  answer = (_, response) => response.end("data: <html>\n\n");
  expect(await failureOf(readAll(connectAssistant(url)))).toEqual({ kind: "cut" });
});

it.each<[number, Record<string, string>, Failure]>([
  [404, {}, { kind: "lost" }],
  [409, {}, { kind: "busy" }],
  [422, {}, { kind: "refused", message: "Said kindly." }],
  [429, { "Retry-After": "12" }, { kind: "limited", seconds: 12 }],
  [429, {}, { kind: "limited", seconds: 0 }],
  [500, {}, { kind: "broken", message: "Said kindly." }],
  [502, {}, { kind: "offline" }],
  [503, {}, { kind: "unready", message: "Said kindly." }],
])("knows what %i means", async (status, headers, failure) => {
  answer = refuse(status, "Said kindly.", headers);
  expect(await failureOf(readAll(connectAssistant(url)))).toEqual(failure);
});

it("needs no JSON to tell a broken server", async () => {
  answer = (_, response) => {
    response.writeHead(500);
    response.end("Internal Server Error");
  };
  expect(await failureOf(connectAssistant(url).call(LIST))).toEqual({ kind: "broken", message: null });
});

it("asks the server to stop a thread's turn", async () => {
  answer = (_, response) => response.end();
  await connectAssistant(url).stop("thr_1");
  expect(JSON.parse(seen[1]?.body ?? "")).toMatchObject({
    type: "threads.custom_action",
    params: { thread_id: "thr_1", action: { type: "booklight.stop" } },
  });
});

it("ends at once, and without a failure of its own, when the reader leaves", async () => {
  answer = (_, response) => {
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    response.write('data: {"type":"progress_update","text":"a"}\n\n');
  };
  const leaving = new AbortController();
  const reading = (async () => {
    for await (const _ of connectAssistant(url).stream(RETRY, leaving.signal)) leaving.abort();
  })();
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
});

it("deletes all conversations of the reader whose token it has", async () => {
  answer = (_, response) => response.end(JSON.stringify({ deleted: 2 }));
  await connectAssistant(url).send("forget");
  const { path, token } = seen[seen.length - 1] ?? {};
  expect([path, token]).toEqual(["/assistant/forget", "token-1"]);
  answer = refuse(503);
  expect((await failureOf(connectAssistant(url).send("forget"))).kind).toBe("unready");
});
