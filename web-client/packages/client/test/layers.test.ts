import { expect, test } from "vitest";
import { layerUrlOf, readLayers } from "../src/layers.js";

test("a session's layers are where its Link says", () => {
  const link =
    '<stun:stun.example.net>; rel="ice-server", ' +
    '</sessions/x/layer>; rel="urn:ietf:params:whep:ext:core:layer", ' +
    '</sessions/x/events>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="layers,active"';
  const base = "https://node.example/whep/garden";
  expect(layerUrlOf(link, base)).toBe("https://node.example/sessions/x/layer");
  expect(layerUrlOf('<stun:a>; rel="ice-server"', base)).toBeUndefined();
  expect(layerUrlOf(null, base)).toBeUndefined();
});

test("layers are read highest first, whether they arrive or not", () => {
  const layers = readLayers({
    "1": {
      active: [
        { id: "h", simulcastIdx: 1, width: 640, height: 360 },
        { id: "q", simulcastIdx: 0, width: "wide" },
      ],
      inactive: [{ id: "f", simulcastIdx: 2 }, { simulcastIdx: 3 }, null],
      layers: [],
    },
  });
  expect(layers).toEqual([
    { id: "f", active: false, width: undefined, height: undefined },
    { id: "h", active: true, width: 640, height: 360 },
    { id: "q", active: true, width: undefined, height: undefined },
  ]);
});

test.each([
  undefined,
  null,
  7,
  [],
  {},
  { "0": 3 },
  { "0": { active: "all" } },
])("%j has no layers", (value) => {
  expect(readLayers(value)).toEqual([]);
});
