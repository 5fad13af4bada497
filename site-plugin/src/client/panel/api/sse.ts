/** Read server-sent events from a fetched body; only their data matters here. */

/**
 * Yield the data of each event in `body`. Comments and other fields are passed over; an unfinished event at the end is
 * dropped. `onBytes` is called whenever anything arrives, keepalives included.
 */
export async function* readEvents(body: ReadableStream<Uint8Array>, onBytes: () => void): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      onBytes();
      const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
      rest = blocks.pop() ?? "";
      yield* blocks.map(dataOf).filter((data) => data !== "");
    }
  } finally {
    // Rejects only with what `read` has thrown already.
    reader.cancel().catch(() => undefined);
  }
}

function dataOf(block: string): string {
  return block
    .split(/\r?\n/)
    .filter((line) => line.startsWith("data:"))
    .map((line) => line.slice(5).replace(/^ /, ""))
    .join("\n");
}
