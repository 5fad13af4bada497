import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { type Additions, sidecarFetch } from "../client/chatkit/fetch";
import { localeOf, themeOf } from "../client/chatkit/options";
import { followEntity, localizeSources, previewEntity } from "../client/chatkit/sources";
import { indexPages } from "../client/panel/page";
import type { RequestMetadata } from "../client/panel/protocol";

const PAGES = indexPages({ "/book/why": { title: "Why", chapter: 1, chapterTitle: "One", lesson: "why" } });
const SOURCE = { type: "url", title: "Because", url: "https://book.example/book/why#because", group: "One" };
const ABOUT: RequestMetadata = {
  page_context: { path: "/book/why", current_chapter: 1, current_lesson: "why", locale: "en" },
  scope: "full_book",
};

interface Asked {
  token: string | undefined;
  body: string;
}

let asked: Asked[];
let replies: { status: number; type: string; chunks: string[] }[];
let url: string;
let close: () => Promise<void>;

beforeEach(async () => {
  asked = [];
  replies = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    asked.push({ token: request.headers.authorization, body: Buffer.concat(await request.toArray()).toString() });
    const { status, type, chunks } = replies.shift() ?? { status: 200, type: "application/json", chunks: ["{}"] };
    response.writeHead(status, { "Content-Type": type });
    for (const chunk of chunks) response.write(chunk);
    response.end();
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/chatkit`;
  close = () => new Promise((closed) => server.close(() => closed()));
  vi.stubGlobal("location", new URL("https://preview.example/book/how"));
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await close();
});

function connect(additions: Partial<Additions> = {}) {
  const session = { known: () => true, token: async () => "first", renew: async () => "second" };
  const nothing = () => undefined;
  const none = { describe: async () => ABOUT, rewrite: async (json: string) => json, onLost: nothing, onStop: nothing };
  return sidecarFetch(session, { ...none, ...additions });
}

const question = (input: object) => JSON.stringify({ type: "threads.create", params: { input }, metadata: { own: 1 } });

it("adds the page to what the component sends, and tells which passage stands in the composer", async () => {
  const describe = vi.fn(async () => ABOUT);
  await connect({ describe })(url, { method: "POST", body: question({ quoted_text: "a passage" }) });
  expect(describe).toHaveBeenCalledWith("a passage");
  const sent = JSON.parse(asked[0]?.body ?? "");
  expect(sent.params.input.quoted_text).toBe("a passage");
  expect(sent.metadata).toEqual({ own: 1, ...ABOUT });
  await connect({ describe })(url, { method: "POST", body: JSON.stringify({ type: "threads.list", params: {} }) });
  expect(describe).toHaveBeenLastCalledWith(null);
});

it("sends a refused token once more anew, and never the component's own headers", async () => {
  replies = [{ status: 401, type: "application/json", chunks: ["{}"] }];
  const headers = { Authorization: "Bearer theirs", "X-Frame": "1" };
  const response = await connect()(url, { method: "POST", headers, body: question({}) });
  expect(response.status).toBe(200);
  expect(asked.map(({ token }) => token)).toEqual(["Bearer first", "Bearer second"]);
});

it("changes each event and keeps what is none, however the stream is cut", async () => {
  const chunks = ['data: {"a":', "1}\n\n: still", ' here\n\ndata: {"a":2}\n', "\n"];
  replies = [{ status: 200, type: "text/event-stream; charset=utf-8", chunks }];
  const response = await connect({ rewrite: async (json) => json.replace("a", "b") })(url, { method: "POST" });
  expect(response.headers.get("Content-Type")).toContain("text/event-stream");
  expect(await response.text()).toBe('data: {"b":1}\n\n: still here\n\ndata: {"b":2}\n\n');
});

it("changes an answer that comes as a whole", async () => {
  replies = [{ status: 200, type: "application/json", chunks: ['{"a":', "1}"] }];
  const response = await connect({ rewrite: async (json) => json.replace("a", "b") })(url, { method: "POST" });
  expect(await response.json()).toEqual({ b: 1 });
});

it("passes failures on as they are, and tells of a conversation that is gone", async () => {
  replies = [{ status: 404, type: "application/json", chunks: ['{"error":{"code":"not_found","message":"no"}}'] }];
  const onLost = vi.fn();
  const response = await connect({ onLost, rewrite: async () => "changed" })(url, { method: "POST" });
  expect(response.status).toBe(404);
  expect(await response.json()).toMatchObject({ error: { code: "not_found" } });
  expect(onLost).toHaveBeenCalledOnce();
});

it("tells of a request that the component breaks off, and of no other", async () => {
  const onStop = vi.fn();
  const stopping = new AbortController();
  await (await connect({ onStop })(url, { method: "POST" })).text();
  await connect({ onStop })(url, { method: "POST", signal: stopping.signal });
  expect(onStop).not.toHaveBeenCalled();
  stopping.abort();
  expect(onStop).toHaveBeenCalledOnce();
});

it("makes an entity of the book's own source, wherever it is in an event, and leaves others alone", async () => {
  const elsewhere = { type: "url", title: "Spec", url: "https://spec.example/" };
  const event = { update: { annotation: { source: { ...SOURCE, description: "It is so." } } }, also: [elsewhere] };
  const changed = JSON.parse(localizeSources(JSON.stringify(event), PAGES));
  const entity = changed.update.annotation.source;
  expect(entity).toMatchObject({ type: "entity", id: SOURCE.url, title: "Because", interactive: true, group: "One" });
  expect(changed.also).toEqual([elsewhere]);
  expect(followEntity(entity)).toEqual({ href: "/book/why#because", passages: ["It is so."] });
  expect((await previewEntity(entity)).preview?.children.map(({ value }) => value)).toEqual([
    "Because",
    "One",
    "It is so.",
  ]);
});

it("follows no entity that it did not make", () => {
  expect(followEntity({ id: "x", title: "X" })).toBeNull();
});

it.each([
  ["de-CH", "de"],
  ["pt-br", "pt-BR"],
  ["zh-Hans", "zh"],
  ["tlh", null],
  ["", null],
])("has words for %j as %j", (tag, locale) => {
  expect(localeOf(tag)).toBe(locale);
});

it("takes the site's colours, but none that the component cannot read", () => {
  const site = { "--ifm-color-primary": "#2e8555", "--ifm-font-color-base": "#111" };
  const mixed = { ...site, "--booklight-paper": "color-mix(in srgb, red, blue)" };
  expect(themeOf(stylesWith(mixed), true)).toEqual({
    colorScheme: "dark",
    color: { accent: { primary: "#2e8555", level: 2 } },
  });
  const plain = { ...site, "--booklight-accent": "hsl(20deg 80% 40%)", "--booklight-paper": "#fff" };
  expect(themeOf(stylesWith(plain), false).color).toEqual({
    accent: { primary: "hsl(20deg 80% 40%)", level: 2 },
    surface: { background: "#fff", foreground: "#111" },
  });
});

function stylesWith(properties: Record<string, string>): CSSStyleDeclaration {
  return { getPropertyValue: (name: string) => properties[name] ?? "" } as CSSStyleDeclaration;
}
