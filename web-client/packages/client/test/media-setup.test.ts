import { expect, test } from "vitest";
import { encodings } from "../src/media-setup.js";

test("one encoding, or three that share the bitrate, smallest first", () => {
  expect(encodings({ bitrateBps: 1_000_000, simulcast: false })).toEqual([
    { maxBitrate: 1_000_000 },
  ]);
  const three = encodings({ bitrateBps: 1_000_000, simulcast: true, framesPerSecond: 30 });
  expect(three.map(({ rid }) => rid)).toEqual(["q", "h", "f"]);
  expect(three.map(({ scaleResolutionDownBy }) => scaleResolutionDownBy)).toEqual([4, 2, 1]);
  expect(three.reduce((sum, { maxBitrate }) => sum + (maxBitrate ?? 0), 0)).toBe(1_000_000);
  expect(three.every(({ maxFramerate }) => maxFramerate === 30)).toBe(true);
});

test("simulcast of VP9 and AV1 names a scalability mode, else it would become SVC", () => {
  for (const codec of ["VP9", "AV1"] as const) {
    const three = encodings({ bitrateBps: 1, simulcast: true, codec });
    expect(three.every((it) => "scalabilityMode" in it && it.scalabilityMode === "L1T1")).toBe(
      true,
    );
  }
  const vp8 = encodings({ bitrateBps: 1, simulcast: true, codec: "VP8" });
  expect(vp8.some((it) => "scalabilityMode" in it)).toBe(false);
});
