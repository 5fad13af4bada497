/** Who is asking: the site's own reader, or an anonymous one whose token is issued by the sidecar and kept here. */

import { loadValue, saveValue } from "../../site/storage";
import { AssistantError, failureOfResponse } from "./failure";

const KEY = "booklight:session";

/** The reader's token at one sidecar. */
export interface Session {
  /** Whether this browser has asked before. */
  known(): boolean;
  /** Return the token of a reader who has one, and ask for none. */
  existing(): Promise<string | null>;
  /** Return the token, asking for one the first time. */
  token(): Promise<string>;
  /** Return a token in place of the `refused` one, keeping the reader where the sidecar still knows them. */
  renew(refused: string): Promise<string>;
}

/** What a site with a login defines before the panel opens. */
export interface SiteLogin {
  /** Return the token that the reader is signed in with, null for one who is not. */
  token(): string | null | Promise<string | null>;
}

declare global {
  interface Window {
    booklight?: SiteLogin;
  }
}

/** Return the session of this browser with the sidecar at `url`; `send` reports an unreachable sidecar. */
export function openSession(url: string, send: typeof fetch): Session {
  const key = `${KEY}:${url}`;
  let latest: string | null = null;
  let pending: Promise<string> | undefined;
  const kept = () => loadValue(() => localStorage, key) ?? latest;
  const existing = async () => (await signedIn()) ?? kept();
  const replace = async (refused: string | null) => {
    const elsewhere = kept();
    if (elsewhere !== null && elsewhere !== refused) return elsewhere;
    latest = await issueToken(url, send, refused);
    saveValue(() => localStorage, key, latest);
    return latest;
  };
  const request = (refused: string | null) => {
    pending ??= oneTabAtATime(key, () => replace(refused)).finally(() => {
      pending = undefined;
    });
    return pending;
  };
  return {
    known: () => window.booklight !== undefined || kept() !== null,
    existing,
    token: async () => (await existing()) ?? request(null),
    renew: async (refused) => (await signedIn()) ?? request(refused),
  };
}

/** Send with the reader's token, and once more with another where that one is refused. */
export async function withToken(session: Session, send: (token: string) => Promise<Response>): Promise<Response> {
  const token = await session.token();
  const response = await send(token);
  return response.status === 401 ? send(await session.renew(token)) : response;
}

/** Ask the site each time: its tokens are short-lived, and it renews them itself. */
async function signedIn(): Promise<string | null> {
  return (await window.booklight?.token()) ?? null;
}

/** Tabs that begin together must become one reader, or one of them loses its conversation. */
async function oneTabAtATime(name: string, work: () => Promise<string>): Promise<string> {
  const locks: LockManager | undefined = globalThis.navigator?.locks;
  return locks ? locks.request(name, work) : work();
}

async function issueToken(url: string, send: typeof fetch, known: string | null): Promise<string> {
  const headers: Record<string, string> = known ? { Authorization: `Bearer ${known}` } : {};
  const response = await send(`${url}/session`, { method: "POST", headers });
  if (response.status === 401 && known) return issueToken(url, send, null);
  if (!response.ok) throw new AssistantError(await failureOfResponse(response));
  const { token }: { token: string } = await response.json();
  return token;
}
