import { describe, expect, test } from "vitest";
import { neededLayers, restLayers } from "../src/node-channel.js";

describe("what a node says", () => {
  test.each([
    ['{"type":"layers","highest":2,"needed":["q","f"],"later":true}', ["q", "f"]],
    ['{"type":"layers","needed":[]}', undefined],
    ['{"type":"layers","needed":[1]}', undefined],
    ['{"type":"layers","needed":"q"}', undefined],
    ['{"type":"layers","highest":1}', undefined],
    ['{"type":"songs","needed":["q"]}', undefined],
    ["null", undefined],
    ["{", undefined],
    [new ArrayBuffer(4), undefined],
  ])("%s", (data, needed) => {
    const read = neededLayers(data);
    expect(read && [...read]).toEqual(needed);
  });
});

test("encodings that nobody watches rest, and wake again", () => {
  const encodings = ["q", "h", "f"].map((rid) => ({ rid, active: true }));
  const rested = new Set<string>();
  const after = (...needed: string[]) => {
    restLayers(encodings, new Set(needed), rested);
    return encodings.map((it) => it.active);
  };
  expect(after("q")).toEqual([true, false, false]);
  expect(after("q")).toEqual([true, false, false]);
  expect(after("f")).toEqual([false, false, true]);
  expect(after("q", "h")).toEqual([true, true, false]);
  expect(after("q", "h", "f")).toEqual([true, true, true]);
});

test("an encoding that the broadcaster has switched off stays off", () => {
  const encodings = [
    { rid: "q", active: true },
    { rid: "f", active: false },
  ];
  const rested = new Set<string>();
  restLayers(encodings, new Set(["q"]), rested);
  restLayers(encodings, new Set(["q", "f"]), rested);
  expect(encodings.map((it) => it.active)).toEqual([true, false]);
});

test("an encoding without a name is left alone", () => {
  const encodings = [{ active: true }];
  restLayers(encodings, new Set(["q"]), new Set());
  expect(encodings).toEqual([{ active: true }]);
});
