/** Who is asking: an anonymous token, issued by the sidecar and kept in this browser. */

import { loadValue, saveValue } from "../storage";
import { AssistantError, failureOfResponse } from "./failure";

const KEY = "booklight:session";

/** The reader's token at one sidecar. */
export interface Session {
  /** Return the token, asking for one the first time. */
  token(): Promise<string>;
  /** Replace a token that was refused, keeping the reader where the sidecar still knows them. */
  renew(): Promise<string>;
}

/** Return the session of this browser with the sidecar at `url`; `send` reports an unreachable sidecar. */
export function openSession(url: string, send: typeof fetch): Session {
  const key = `${KEY}:${url}`;
  let pending: Promise<string> | undefined;
  const request = (known: string | null) => {
    pending ??= issueToken(url, send, known)
      .then((token) => {
        saveValue(() => localStorage, key, token);
        return token;
      })
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
  const kept = () => loadValue(() => localStorage, key);
  return {
    token: async () => kept() ?? request(null),
    renew: () => request(kept()),
  };
}

async function issueToken(url: string, send: typeof fetch, known: string | null): Promise<string> {
  const headers: Record<string, string> = known ? { Authorization: `Bearer ${known}` } : {};
  const response = await send(`${url}/session`, { method: "POST", headers });
  if (response.status === 401 && known) return issueToken(url, send, null);
  if (!response.ok) throw new AssistantError(await failureOfResponse(response));
  const { token }: { token: string } = await response.json();
  return token;
}
