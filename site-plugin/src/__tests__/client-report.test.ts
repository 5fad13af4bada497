// @vitest-environment happy-dom
import { beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
});

const load = async () => {
  const telling = vi.spyOn(console, "error").mockReturnValue();
  const { report } = await import("../client/site/report");
  return { report, told: () => telling.mock.calls };
};

it("tells each kind of failure once, with what was thrown", async () => {
  const { report, told } = await load();
  const [first, other] = [new Error("first"), new Error("other")];
  report("storage", first);
  report("storage", new Error("again"));
  report("table", other);
  expect(told()).toEqual([
    ["Booklight: storage", first],
    ["Booklight: table", other],
  ]);
});

it("is silent about what a reader broke off", async () => {
  const { report, told } = await load();
  report("stream", new DOMException("", "AbortError"));
  expect(told()).toEqual([]);
});

it("tells of a storage that is switched off, and nothing is remembered", async () => {
  const { told } = await load();
  const { loadValue, saveValue } = await import("../client/site/storage");
  const off = () => {
    throw new DOMException("", "SecurityError");
  };
  saveValue(off, "key", "value");
  expect(loadValue(off, "key")).toBeNull();
  expect(loadValue(off, "key")).toBeNull();
  expect(told()).toHaveLength(2);
});
