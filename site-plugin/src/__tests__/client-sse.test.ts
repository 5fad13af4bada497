import { expect, it } from "vitest";
import { readEvents } from "../client/panel/api/sse";

async function read(chunks: readonly Uint8Array[]): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  const events: string[] = [];
  for await (const data of readEvents(body, () => undefined)) events.push(data);
  return events;
}

const bytes = (text: string) => new TextEncoder().encode(text);

it("reads one event per block", async () => {
  expect(await read([bytes('data: {"a":1}\n\ndata: {"b":2}\n\n')])).toEqual(['{"a":1}', '{"b":2}']);
});

it("reads the same events wherever the network cuts the bytes", async () => {
  const whole = bytes("data: Grüße 🙂\n\ndata: two\n\n");
  for (let cut = 0; cut <= whole.length; cut += 1) {
    expect(await read([whole.slice(0, cut), whole.slice(cut)])).toEqual(["Grüße 🙂", "two"]);
  }
});

it("passes over comments and other fields, and takes any line ending", async () => {
  expect(await read([bytes(": alive\r\n\r\nevent: x\r\ndata: one\r\n\r\n")])).toEqual(["one"]);
});

it("joins the lines of one event", async () => {
  expect(await read([bytes("data: a\ndata: b\n\n")])).toEqual(["a\nb"]);
});

it("drops an event that never ended", async () => {
  expect(await read([bytes("data: one\n\ndata: tw")])).toEqual(["one"]);
});
