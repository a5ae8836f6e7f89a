import { BanyanError, type ErrorReason, type PlayerState } from "@banyan/client";
import { expect, test } from "vitest";
import { formatBitrate, formatMs, formatShare, formatSize } from "../src/format.js";
import { layerName, wordsFor, wordsForError } from "../src/words.js";

const REASONS: Record<ErrorReason, true> = {
  unsupported: true,
  "bad-name": true,
  "bad-request": true,
  unauthorized: true,
  forbidden: true,
  "unknown-stream": true,
  "not-live": true,
  "no-common-codec": true,
  "rate-limited": true,
  unavailable: true,
  server: true,
  network: true,
  "node-gone": true,
  timeout: true,
  "bad-answer": true,
  "ice-failed": true,
  "ice-loopback": true,
  stalled: true,
  "session-gone": true,
  replaced: true,
};

test.each(Object.keys(REASONS) as ErrorReason[])("%s is said in a sentence to act on", (reason) => {
  const { title, detail } = wordsForError(new BanyanError(reason, "The node said this."));
  expect(title).toMatch(/^[A-Z].{8,}/);
  if (reason !== "not-live") expect(detail).toMatch(/\.$/);
});

test("the node's own sentence is passed on", () => {
  const error = new BanyanError("unauthorized", "The token has expired.", { status: 401 });
  expect(wordsForError(error).detail).toBe("The token has expired.");
  const codec = new BanyanError("no-common-codec", "This stream is H264.", { status: 422 });
  expect(wordsForError(codec).detail).toMatch(/^This stream is H264\. It has no H\.264/);
});

test("words only where the picture does not speak", () => {
  expect(wordsFor({ kind: "playing" })).toBeUndefined();
  const waiting: PlayerState = { kind: "waiting", cause: "broadcaster" };
  expect(wordsFor(waiting)).toMatchObject({ title: "Waiting for the broadcaster", busy: true });
});

test("figures", () => {
  expect(formatBitrate(2_540_000)).toBe("2.5 Mbit/s");
  expect(formatBitrate(64_400)).toBe("64 kbit/s");
  expect(formatMs(151.6)).toBe("152 ms");
  expect(formatMs(12_345)).toBe("12.3 s");
  expect(formatSize(640, 360)).toBe("640 × 360");
  expect(formatShare(0.0123)).toBe("1.2 %");
  for (const unknown of [
    formatBitrate(undefined),
    formatMs(undefined),
    formatSize(0, 0),
    formatShare(-1),
  ]) {
    expect(unknown).toBe("–");
  }
});

test("a layer goes by its lines, or by its place where they are unknown", () => {
  const layer = (id: string, height?: number) => ({ id, active: true, width: undefined, height });
  const names = (...layers: ReturnType<typeof layer>[]) =>
    layers.map((_, place) => layerName(layers, place));
  expect(names(layer("f", 720), layer("h", 360), layer("q"))).toEqual(["720p", "360p", "Low"]);
  expect(names(layer("f"), layer("h"), layer("q"))).toEqual(["High", "Medium", "Low"]);
  expect(names(layer("a"), layer("b"))).toEqual(["High", "Low"]);
  expect(names(layer("a"), layer("b"), layer("c"), layer("d"))).toEqual([
    "High",
    "Medium 1",
    "Medium 2",
    "Low",
  ]);
});
