import { expect, test } from "vitest";
import { docFolder, folderPermalink } from "../folders";
import { encodeRoute, htmlFile, routeOf } from "../routes";
import { permalinks, routingOf } from "./fixtures/index";

test.each([...new Set(permalinks.map(({ config }) => config))])("routes and HTML files of the site %s", (config) => {
  for (const vector of permalinks.filter((one) => one.config === config)) {
    const route = routeOf(vector.permalink, routingOf(vector));
    expect(route, vector.source).toBe(vector.route);
    expect(htmlFile(route, routingOf(vector)), vector.source).toBe(vector.html);
  }
});

test("an encoded route is what a browser reports for it, and stays so", () => {
  for (const { route } of permalinks) {
    const encoded = encodeRoute(route);
    expect(encoded).toMatch(/^[\x21-\x7e]+$/);
    expect(new URL(encoded, "https://example.com").pathname).toBe(encoded);
    expect(encodeRoute(encoded)).toBe(encoded);
  }
});

test.each([
  ["/book/docs/my lesson", "/book/docs/my%20lesson"],
  ["/book/docs/café/élan", "/book/docs/caf%C3%A9/%C3%A9lan"],
  ["/book/dir/Sub%20Page", "/book/dir/Sub%20Page"],
  ["/docs/what?/c#", "/docs/what%3F/c%23"],
  ["/docs/100%", "/docs/100%25"],
])("%s is encoded once", (route, encoded) => {
  expect(encodeRoute(route)).toBe(encoded);
});

test("a page without a slug of its own stands below its folder", () => {
  const roots = new Map([
    ["base-ts-true", "/book/docs"],
    ["default", "/docs"],
    ["noprefix", "/docs"],
    ["custom-prefix", "/docs"],
    ["deep-route", "/learn/book"],
  ]);
  const docs = permalinks.filter(({ kind, config, slug }) => kind === "doc" && roots.has(config) && slug === null);
  expect(docs.length).toBeGreaterThan(100);
  for (const { id, config, permalink, source } of docs) {
    const sourceDirName = source.split("/").slice(1, -1).join("/") || ".";
    const folder = folderPermalink(roots.get(config) ?? "", docFolder({ id: id ?? "", sourceDirName }));
    expect(`${permalink}/`, source).toContain(`${folder}/`);
  }
});

test.each([
  ["01-basics", "basics", 1],
  ["004 - four", "four", 4],
  ["chapter12-arms", "arms", 12],
  ["basics", "basics", null],
  ["2021-11-foo", "2021-11-foo", null],
])("the folder %s has the number that Docusaurus took off", (name, slug, number) => {
  expect(docFolder({ id: `${slug}/page`, sourceDirName: name })).toEqual([{ slug, number }]);
});
