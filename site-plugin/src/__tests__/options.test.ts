import { expect, test } from "vitest";
import { clientOptions } from "../browser";
import { type Options, validateOptions } from "../options";

const validate = (options: unknown) =>
  validateOptions({ options: options as Options, validate: (_, value) => value as never });

test("every option has a default", () => {
  const defaults = {
    assistantUrl: "/assistant",
    title: "Ask this book",
    placeholder: "Ask about this page…",
    id: "default",
  };
  expect(validate(undefined)).toEqual(defaults);
  expect(validate({ id: "default" })).toEqual(defaults);
});

test.each([
  ["/api/assistant/", "/api/assistant"],
  ["/", ""],
  ["https://books.example.com/assistant/", "https://books.example.com/assistant"],
  ["http://localhost:8000", "http://localhost:8000"],
])("assistantUrl %s is kept as %s", (given, kept) => {
  expect(validate({ assistantUrl: given }).assistantUrl).toBe(kept);
});

test.each(["assistant", "//elsewhere.example.com", "ftp://x", "javascript:alert(1)", "/a?b", "https://", "", 7, null])(
  "assistantUrl %j is refused, and it is said what is allowed",
  (assistantUrl) => {
    const expected = `"assistantUrl" is ${JSON.stringify(assistantUrl)}; it must be a path such as "/assistant"`;
    expect(() => validate({ assistantUrl })).toThrow(expected);
  },
);

test("every complaint is made at once", () => {
  const wrong = () => validate({ titel: "x", title: "", placeholder: 3, chapter: 4, id: "second" });
  expect(wrong).toThrow(/"titel" is not an option; the options are assistantUrl, title, placeholder, chapter, id/);
  expect(wrong).toThrow(/"title" is ""; it must be a text of 1 to 200 characters/);
  expect(wrong).toThrow(/"placeholder" is 3/);
  expect(wrong).toThrow(/"chapter" is 4; it must be a function \(page\) => number \| null/);
  expect(wrong).toThrow(/"id" is "second"; it must be "default"/);
});

test("options that are no object are refused", () => {
  expect(() => validate("on")).toThrow('"on" was given instead of an object of options');
});

test("the browser gets no function", () => {
  const options = validate({ title: " Ask ", chapter: () => null });
  expect(clientOptions(options)).toEqual({
    assistantUrl: "/assistant",
    title: "Ask",
    placeholder: "Ask about this page…",
  });
});
