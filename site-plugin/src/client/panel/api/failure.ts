/** What can go wrong between a question and the end of its answer, as a reader needs to know it. */

import { report } from "../../site/report";

/** `seconds` is how long to wait, 0 when the server did not say; `message` is the server's own, written for readers. */
export type Failure =
  | { kind: "offline" | "slow" | "busy" | "lost" | "cut" }
  | { kind: "limited"; seconds: number }
  | { kind: "unready" | "refused" | "broken"; message: string | null };

/** Thrown by the client in place of an answer. */
export class AssistantError extends Error {
  constructor(readonly failure: Failure) {
    super(failure.kind);
    this.name = "AssistantError";
  }
}

/** Return the failure that an error from the client stands for; anything unknown counts as a broken server. */
export function failureOf(error: unknown): Failure {
  if (error instanceof AssistantError) return error.failure;
  report("the panel itself failed", error);
  return { kind: "broken", message: null };
}

/** Return the failure that an answer with an error status stands for. */
export async function failureOfResponse(response: Response): Promise<Failure> {
  const message = await readMessage(response);
  switch (response.status) {
    case 404:
      return { kind: "lost" };
    case 409:
      return { kind: "busy" };
    case 429:
      return { kind: "limited", seconds: Number(response.headers.get("Retry-After")) || 0 };
    case 503:
      return { kind: "unready", message };
    case 502:
    case 504:
      return { kind: "offline" };
    default:
      return { kind: response.status < 500 ? "refused" : "broken", message };
  }
}

/** Whether sending the same question again can help. */
export function canRetry(failure: Failure): boolean {
  return failure.kind !== "refused";
}

async function readMessage(response: Response): Promise<string | null> {
  try {
    const body: { error?: { message?: string } } = await response.json();
    return body.error?.message ?? null;
  } catch (error) {
    report("an error came without a message", error);
    return null;
  }
}
