import { expect, test } from "vitest";
import {
  bitrate,
  latencyOf,
  lossShare,
  samplePlayer,
  samplePublisher,
  unixMs,
} from "../src/stats.js";

test("rates need two samples that make sense", () => {
  expect(bitrate(undefined, { atMs: 1, bytes: 1 })).toBeUndefined();
  expect(bitrate({ atMs: 0, bytes: 0 }, { atMs: 1_000, bytes: 125_000 })).toBe(1_000_000);
  // A new session counts from zero again.
  expect(bitrate({ atMs: 0, bytes: 900 }, { atMs: 1_000, bytes: 100 })).toBeUndefined();
  expect(bitrate({ atMs: 5, bytes: 0 }, { atMs: 5, bytes: 9 })).toBeUndefined();
});

test("loss is of the interval, and repairs do not make it negative", () => {
  expect(lossShare({ packets: 100, lost: 0 }, { packets: 190, lost: 10 })).toBeCloseTo(0.1);
  expect(lossShare({ packets: 100, lost: 10 }, { packets: 200, lost: 4 })).toBe(0);
  expect(lossShare({ packets: 100, lost: 0 }, { packets: 100, lost: 0 })).toBeUndefined();
});

const inbound = (frames: number, bytes: number) => [
  { id: "c", type: "codec", mimeType: "video/VP8" },
  { id: "a", type: "inbound-rtp", kind: "audio", packetsReceived: 50, bytesReceived: 1_000 },
  {
    id: "v",
    type: "inbound-rtp",
    kind: "video",
    codecId: "c",
    packetsReceived: 100,
    packetsLost: 2,
    bytesReceived: bytes,
    framesDecoded: frames,
    frameWidth: 640,
    frameHeight: 360,
    framesPerSecond: 30,
    freezeCount: 1,
    totalFreezesDuration: 0.25,
    jitterBufferDelay: frames * 0.02,
    jitterBufferEmittedCount: frames,
  },
  { id: "t", type: "transport", selectedCandidatePairId: "p" },
  { id: "p", type: "candidate-pair", currentRoundTripTime: 0.012 },
];

test("a player's figures", () => {
  const first = samplePlayer(inbound(30, 10_000), 0, undefined, undefined);
  expect(first.stats.progressed).toBe(true);
  expect(first.stats.bitrateBps).toBeUndefined();
  const { stats } = samplePlayer(inbound(60, 135_000), 1_000, 42, first.memory);
  expect(stats).toMatchObject({
    bitrateBps: 1_000_000,
    width: 640,
    height: 360,
    framesPerSecond: 30,
    framesDecoded: 60,
    freezeCount: 1,
    freezesMs: 250,
    packetsLost: 2,
    rttMs: 12,
    videoCodec: "VP8",
    audioCodec: undefined,
    latencyMs: 42,
    progressed: true,
  });
  expect(stats.jitterBufferMs).toBeCloseTo(20);
});

test("sound does not hide a picture that stands still; sound alone is progress", () => {
  const first = samplePlayer(inbound(30, 10_000), 0, undefined, undefined);
  expect(samplePlayer(inbound(30, 20_000), 1_000, undefined, first.memory).stats.progressed).toBe(
    false,
  );
  const audio = (packets: number) => [
    { id: "a", type: "inbound-rtp", kind: "audio", packetsReceived: packets },
  ];
  const heard = samplePlayer(audio(10), 0, undefined, undefined);
  expect(heard.stats.progressed).toBe(true);
  expect(samplePlayer(audio(20), 1_000, undefined, heard.memory).stats.progressed).toBe(true);
  expect(samplePlayer([], 0, undefined, undefined).stats.progressed).toBe(false);
});

test("a publisher's figures are of the largest active layer", () => {
  const layer = (rid: string, width: number, active: boolean) => ({
    id: rid,
    type: "outbound-rtp",
    kind: "video",
    rid,
    active,
    frameWidth: width,
    frameHeight: (width * 9) / 16,
    framesPerSecond: active ? 30 : 0,
    bytesSent: 1_000,
    packetsSent: 10,
    qualityLimitationReason: "bandwidth",
  });
  const { stats } = samplePublisher(
    [
      layer("f", 1280, false),
      layer("q", 320, true),
      layer("h", 640, true),
      { id: "r", type: "remote-inbound-rtp", fractionLost: 0.02, roundTripTime: 0.03 },
    ],
    0,
    undefined,
  );
  expect(stats).toMatchObject({
    width: 640,
    height: 360,
    qualityLimitation: "bandwidth",
    lossShare: 0.02,
    rttMs: 30,
  });
  expect(stats.layers.map(({ rid, active }) => [rid, active])).toEqual([
    ["q", true],
    ["h", true],
    ["f", false],
  ]);
});

test("stamps since 1900 and since 1970 mean the same moment", () => {
  expect(unixMs(4_004_399_692_925)).toBe(1_795_410_892_925);
  expect(unixMs(1_795_410_892_925)).toBe(1_795_410_892_925);
});

test("latency comes from the frame played last, else from RTCP, else is unknown", () => {
  const now = 1_795_410_893_000;
  const ntp = (ms: number) => ms + 2_208_988_800_000;
  const source = (timestamp: number, captureTimestamp: number) => ({ timestamp, captureTimestamp });
  expect(
    latencyOf([source(now - 90, ntp(now - 900)), source(now - 10, ntp(now - 130))], [], now),
  ).toBe(120);
  const rtcp = [{ id: "i", type: "inbound-rtp", estimatedPlayoutTimestamp: ntp(now - 250) }];
  expect(latencyOf([{ timestamp: now }], rtcp, now)).toBe(250);
  expect(latencyOf([], [], now)).toBeUndefined();
  // Clocks that disagree give no figure, clocks that nearly agree give zero.
  expect(latencyOf([source(now, ntp(now + 5_000))], [], now)).toBeUndefined();
  expect(latencyOf([source(now, ntp(now - 3_600_000))], [], now)).toBeUndefined();
  expect(latencyOf([source(now, ntp(now + 8))], [], now)).toBe(0);
});
