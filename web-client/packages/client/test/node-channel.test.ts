import { describe, expect, test } from "vitest";
import { highestLayer, restLayers } from "../src/node-channel.js";

describe("what a node says", () => {
  test.each([
    ['{"type":"layers"}', Number.POSITIVE_INFINITY],
    ['{"type":"layers","highest":1,"later":true}', 1],
    ['{"type":"layers","highest":-1}', undefined],
    ['{"type":"layers","highest":"all"}', undefined],
    ['{"type":"songs"}', undefined],
    ["null", undefined],
    ["{", undefined],
    [new ArrayBuffer(4), undefined],
  ])("%s", (data, highest) => {
    expect(highestLayer(data)).toBe(highest);
  });
});

test("layers that nobody watches rest, and wake again", () => {
  const encodings = [{ active: true }, { active: true }, { active: true }];
  const rested = new Set<number>();
  const after = (highest: number) => {
    restLayers(encodings, highest, rested);
    return encodings.map((it) => it.active);
  };
  expect(after(0)).toEqual([true, false, false]);
  expect(after(0)).toEqual([true, false, false]);
  expect(after(1)).toEqual([true, true, false]);
  expect(after(Number.POSITIVE_INFINITY)).toEqual([true, true, true]);
});

test("a layer that the broadcaster has switched off stays off", () => {
  const encodings = [{ active: true }, { active: false }];
  const rested = new Set<number>();
  restLayers(encodings, 0, rested);
  restLayers(encodings, Number.POSITIVE_INFINITY, rested);
  expect(encodings.map((it) => it.active)).toEqual([true, false]);
});
