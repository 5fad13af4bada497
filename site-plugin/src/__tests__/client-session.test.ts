// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";
import { openSession } from "../client/panel/api/session";

/** A sidecar that issues `token-1`, `token-2`… and remembers who asked for each. */
function sidecar() {
  const known: (string | null)[] = [];
  const send = async (_: RequestInfo | URL, init?: RequestInit) => {
    known.push(new Headers(init?.headers).get("Authorization"));
    return new Response(JSON.stringify({ token: `token-${known.length}` }));
  };
  return { known, send: send as typeof fetch };
}

beforeEach(() => {
  vi.restoreAllMocks();
  localStorage.clear();
  delete window.booklight;
});

it("makes two tabs that begin together one reader", async () => {
  const { known, send } = sidecar();
  let before: Promise<unknown> = Promise.resolve();
  const request = (_: string, work: () => Promise<string>) => {
    const mine = before.then(work);
    before = mine;
    return mine;
  };
  vi.stubGlobal("navigator", { locks: { request } });
  const tabs = [openSession("/a", send), openSession("/a", send)];
  expect(await Promise.all(tabs.map((tab) => tab.token()))).toEqual(["token-1", "token-1"]);
  vi.unstubAllGlobals();
  expect(known).toHaveLength(1);
});

it("takes the token that another tab has renewed meanwhile", async () => {
  const { known, send } = sidecar();
  const [one, other] = [openSession("/a", send), openSession("/a", send)];
  const refused = await one.token();
  expect(await one.renew(refused)).toBe("token-2");
  expect(await other.renew(refused)).toBe("token-2");
  expect(known).toEqual([null, "Bearer token-1"]);
});

it("stays one reader where nothing can be kept", async () => {
  const { send } = sidecar();
  vi.spyOn(Storage.prototype, "getItem").mockImplementation(() => {
    throw new DOMException("denied", "SecurityError");
  });
  const session = openSession("/a", send);
  expect(session.known()).toBe(false);
  expect([await session.token(), await session.token()]).toEqual(["token-1", "token-1"]);
  expect(session.known()).toBe(true);
});

it("sends the token of a reader whom the site has signed in, fresh each time and in place of a refused one", async () => {
  const { known, send } = sidecar();
  let made = 0;
  window.booklight = { token: async () => `site-${++made}` };
  const session = openSession("/a", send);
  expect(session.known()).toBe(true);
  expect([await session.token(), await session.token()]).toEqual(["site-1", "site-2"]);
  expect(await session.renew("site-2")).toBe("site-3");
  expect(known).toEqual([]);
});

it("keeps a reader who is not signed in anonymous, and never hands on what the site's token was", async () => {
  const { send } = sidecar();
  let login: string | null = null;
  window.booklight = { token: () => login };
  const session = openSession("/a", send);
  expect(await session.token()).toBe("token-1");
  login = "site-1";
  expect(await session.token()).toBe("site-1");
  login = null;
  expect(await session.renew("site-1")).toBe("token-1");
  expect(JSON.stringify(localStorage)).not.toContain("site-");
});
