import { expect, test } from "vitest";
import { encodings, simulcastLayers } from "../src/media-setup.js";

test("one encoding, or three that share the bitrate, smallest first", () => {
  expect(encodings({ bitrateBps: 1_000_000, layers: 1 })).toEqual([{ maxBitrate: 1_000_000 }]);
  const three = encodings({ bitrateBps: 1_000_000, layers: 3, framesPerSecond: 30 });
  expect(three.map(({ rid }) => rid)).toEqual(["q", "h", "f"]);
  expect(three.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual([4, 2, 1]);
  expect(three.reduce((sum, { maxBitrate }) => sum + (maxBitrate ?? 0), 0)).toBe(1_000_000);
  expect(three.every(({ maxFramerate }) => maxFramerate === 30)).toBe(true);
});

test("simulcast of VP9 and AV1 names a scalability mode, else it would become SVC", () => {
  for (const codec of ["VP9", "AV1"] as const) {
    const three = encodings({ bitrateBps: 1, layers: 3, codec });
    expect(three.every((it) => "scalabilityMode" in it && it.scalabilityMode === "L1T1")).toBe(
      true,
    );
  }
  const vp8 = encodings({ bitrateBps: 1, layers: 3, codec: "VP8" });
  expect(vp8.some((it) => "scalabilityMode" in it)).toBe(false);
});

test("no more sizes than a browser sends: it would leave out the largest", () => {
  expect(simulcastLayers(1920, 1080)).toBe(3);
  expect(simulcastLayers(1280, 720)).toBe(3);
  expect(simulcastLayers(640, 360)).toBe(2);
  expect(simulcastLayers(320, 180)).toBe(1);
  const two = encodings({ bitrateBps: 1_000_000, layers: 2 });
  expect(two.map(({ rid, scaleResolutionDownBy }) => [rid, scaleResolutionDownBy])).toEqual([
    ["h", 2],
    ["f", 1],
  ]);
  expect(two.reduce((sum, { maxBitrate }) => sum + (maxBitrate ?? 0), 0)).toBe(1_000_000);
});
