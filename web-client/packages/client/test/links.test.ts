import { expect, test } from "vitest";
import {
  baseUrl,
  eventsUrl,
  isStreamName,
  placeOf,
  placeOfEndpoint,
  readFragment,
  streamOfToken,
  streamOfWatchPath,
  studioPageUrl,
  watchPageUrl,
  whepUrl,
} from "../src/links.js";

test("stream names are one or two segments", () => {
  for (const good of ["a", "club/night", "A_b-9", "x".repeat(64)]) {
    expect(isStreamName(good), good).toBe(true);
  }
  const bad = ["", "/", "a/", "/a", "a/b/c", "a b", "ä", "..", "a?b", "a#b", "x".repeat(65), "a\n"];
  for (const name of bad) expect(isStreamName(name), name).toBe(false);
});

test("addresses of a place", () => {
  const place = placeOf("https://node.example/", "club/night");
  expect(whepUrl(place)).toBe("https://node.example/whep/club/night");
  expect(eventsUrl(place)).toBe("https://node.example/api/v1/streams/club/night/events");
  expect(watchPageUrl(place)).toBe("https://node.example/watch/club/night");
  expect(placeOfEndpoint(whepUrl(place))).toEqual(place);
  expect(placeOfEndpoint("https://other.example/live/whep?app=1")).toBeUndefined();
  expect(() => placeOf("https://node.example", "no name")).toThrow("bad-name");
});

test("tokens go into the fragment, escaped, and come out whole", () => {
  const place = placeOf("http://127.0.0.1:8080", "garden");
  const token = "a.b+c/d=&e#f";
  const link = new URL(watchPageUrl(place, token));
  expect(link.search).toBe("");
  expect(link.pathname).toBe("/watch/garden");
  expect(readFragment(link.hash).get("token")).toBe(token);
  expect(readFragment(new URL(studioPageUrl(place, token)).hash).get("stream")).toBe("garden");
});

test("a watch page's path", () => {
  expect(streamOfWatchPath("/watch/garden")).toBe("garden");
  expect(streamOfWatchPath("/watch/club/night/")).toBe("club/night");
  expect(streamOfWatchPath("/watch/a/b/c")).toBeUndefined();
  expect(streamOfWatchPath("/watch/")).toBeUndefined();
});

test("a node may name web addresses only", () => {
  expect(baseUrl("http://10.0.0.1:8080/")).toBe("http://10.0.0.1:8080");
  expect(baseUrl("https://node.example/banyan/")).toBe("https://node.example/banyan");
  for (const bad of ["javascript:alert(1)", "file:///etc/passwd", "", "//x", "ftp://x"]) {
    expect(() => baseUrl(bad), bad).toThrow();
  }
});

test("the stream that a token names", () => {
  const jwt = (claims: object) => `x.${btoa(JSON.stringify(claims)).replace(/=+$/, "")}.y`;
  expect(streamOfToken(jwt({ sub: "club/night" }))).toBe("club/night");
  expect(streamOfToken(jwt({ stream: "garden" }))).toBe("garden");
  expect(streamOfToken(jwt({ sub: "*" }))).toBeUndefined();
  for (const bad of ["", "a", "a.b.c", "..", "a.%.c"]) expect(streamOfToken(bad)).toBeUndefined();
});
