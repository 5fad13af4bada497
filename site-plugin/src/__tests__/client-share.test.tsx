// @vitest-environment happy-dom
import { act, type ReactNode } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Assistant } from "../client/panel/api/assistant";
import { AssistantError } from "../client/panel/api/failure";
import { Prose } from "../client/panel/view/Answer";
import { SharedTurn } from "../client/panel/view/SharedTurn";
import { ShareForm } from "../client/panel/view/ShareForm";
import { takeFragment } from "../client/site/fragment";
import { answer } from "./client-fixtures";

const UNTIL = "2026-12-24T10:00:00Z";
const ITEM = answer("msg_2", "So.");
const ADDRESS = { thread_id: "thr_1", item_id: "msg_2" };

let root: Root;
let place: HTMLElement;
const copied: string[] = [];

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.stubGlobal(
    "ClipboardItem",
    class {
      constructor(readonly data: Record<string, Promise<Blob>>) {}
    },
  );
  copied.length = 0;
  const write = async ([item]: { data: Record<string, Promise<Blob>> }[]) => {
    copied.push((await (await item?.data["text/plain"])?.text()) ?? "");
  };
  vi.stubGlobal("navigator", { clipboard: { write } });
  place = document.createElement("div");
  document.body.append(place);
  root = createRoot(place);
});
afterEach(() => {
  act(() => root.unmount());
  place.remove();
  history.replaceState(null, "", "/");
  vi.unstubAllGlobals();
});

/** A sidecar that answers what is sent to each of its addresses, or fails. */
function sidecar(answers: Record<string, unknown>) {
  const sent: [string, unknown][] = [];
  const reply = async (path: string, body?: unknown) => {
    sent.push([path, body]);
    const given = answers[path];
    if (given instanceof Error) throw given;
    return given;
  };
  const addressOf = (path: string) => `https://ask.example/assistant/${path}`;
  return { assistant: { send: reply, read: reply, addressOf } as unknown as Assistant, sent };
}

const show = (element: ReactNode) => act(async () => root.render(element));
const button = (label: string) =>
  Array.from(place.querySelectorAll("button")).find((each) => each.textContent === label);
const press = (label: string) => act(async () => button(label)?.click());
const status = () => place.querySelector("[role=status]")?.textContent;

it("shares nothing before the reader says so, then copies the link and says until when it holds", async () => {
  const { assistant, sent } = sidecar({
    shares: { links: 0, expires_at: null },
    share: { id: "abc", expires_at: UNTIL },
  });
  await show(<ShareForm item={ITEM} sharer={assistant} onClose={() => undefined} />);
  expect(sent).toEqual([["shares", ADDRESS]]);
  expect([status(), button("Stop sharing")]).toEqual(["", undefined]);
  await press("Copy link");
  expect(sent[1]).toEqual(["share", ADDRESS]);
  expect(copied).toEqual(["https://ask.example/assistant/shared/abc"]);
  expect(status()).toBe("The link is copied. It can be read until December 24, 2026.");
  await press("Copy link");
  expect(sent).toHaveLength(2);
  expect(copied).toHaveLength(2);
});

it("shows a link that the browser does not let it copy", async () => {
  vi.stubGlobal("navigator", {});
  const { assistant } = sidecar({ shares: { links: 0, expires_at: null }, share: { id: "abc", expires_at: UNTIL } });
  await show(<ShareForm item={ITEM} sharer={assistant} onClose={() => undefined} />);
  await press("Copy link");
  expect(place.querySelector("input")?.value).toBe("https://ask.example/assistant/shared/abc");
  expect(status()).toBe("Shared until December 24, 2026.");
});

it("says how an answer is shared already, and ends that", async () => {
  const { assistant, sent } = sidecar({ shares: { links: 2, expires_at: UNTIL }, unshare: { ended: 2 } });
  await show(<ShareForm item={ITEM} sharer={assistant} onClose={() => undefined} />);
  expect(status()).toBe("Shared until December 24, 2026.");
  await press("Stop sharing");
  expect(sent[1]).toEqual(["unshare", ADDRESS]);
  expect([status(), button("Stop sharing")]).toEqual(["It is not shared any more.", undefined]);
});

it("says what did not work, and leaves with Escape", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  const close = vi.fn();
  const failure = new AssistantError({ kind: "offline" });
  const { assistant } = sidecar({ shares: failure, share: failure });
  await show(<ShareForm item={ITEM} sharer={assistant} onClose={close} />);
  await press("Copy link");
  expect(status()).toBe("That did not work. Try again.");
  const pressed = new KeyboardEvent("keydown", { key: "Escape", bubbles: true });
  await act(async () => button("Copy link")?.dispatchEvent(pressed));
  expect(close).toHaveBeenCalledOnce();
});

it("shows a shared answer with its question, to be read alone", async () => {
  const content = ITEM.content;
  const { assistant } = sidecar({
    "shared/abc.json": {
      question: "Why?",
      quoted_text: "Because.",
      content,
      notices: ["No passage says this."],
      cut: true,
    },
  });
  await show(<SharedTurn shareId="abc" assistant={assistant} Prose={Prose} />);
  for (const said of ["A shared answer", "Why?", "Because.", "So.", "No passage says this.", "broke off"])
    expect(place.textContent).toContain(said);
  expect(place.querySelectorAll("button")).toHaveLength(0);
});

it("says that a link shows nothing any more, and tries again what failed", async () => {
  vi.spyOn(console, "error").mockReturnValue();
  const gone = sidecar({ "shared/abc.json": new AssistantError({ kind: "lost" }) });
  await show(<SharedTurn shareId="abc" assistant={gone.assistant} Prose={Prose} />);
  expect(place.textContent).toBe("This answer is not shared any more.");
  const failing = sidecar({ "shared/d.json": new AssistantError({ kind: "offline" }) });
  await show(<SharedTurn shareId="d" assistant={failing.assistant} Prose={Prose} />);
  await press("Try again");
  expect(failing.sent).toHaveLength(2);
});

it.each([
  ["#booklight-shared=a-B_9", "a-B_9", ""],
  ["#booklight-shared=", null, "#booklight-shared="],
  ["#booklight-insights=abc", null, "#booklight-insights=abc"],
  ["#a-heading", null, "#a-heading"],
])("takes what %j brings out of the address", (hash, id, left) => {
  history.replaceState(null, "", `/docs/a?b=1${hash}`);
  expect(takeFragment("shared")).toBe(id);
  expect(location.search + location.hash).toBe(`?b=1${left}`);
});
