import { BanyanError, type NodeInfo } from "@banyan/client";
import { expect, test } from "vitest";
import { linePath, niceCeiling } from "../src/parts/chart.js";
import { DEFAULTS, readSettings } from "../src/parts/studio-settings.js";
import { publisherWords, refusalWords } from "../src/parts/studio-words.js";
import { count, duration, hostOf, nodeInWords } from "../src/parts/words.js";

test("counts and durations", () => {
  expect(count(1, "viewer")).toBe("1 viewer");
  expect(count(0, "viewer")).toBe("0 viewers");
  expect(duration(20_000)).toBe("under a minute");
  expect(duration(60_000)).toBe("1 minute");
  expect(duration(7_200_000)).toBe("2 hours");
  expect(duration(3 * 86_400_000)).toBe("3 days");
  expect(hostOf("http://10.0.0.1:8080/x")).toBe("10.0.0.1:8080");
  expect(hostOf("nonsense")).toBe("nonsense");
});

test("a node in words", () => {
  const node: NodeInfo = {
    nodeId: "a",
    version: "1",
    site: "s",
    http: "http://x",
    state: "ready",
    startedAtMs: 1_000,
    publications: 0,
    subscriptions: 0,
    children: 0,
    maxChildren: 1,
    bitsPerSecondIn: 0,
    bitsPerSecondOut: 0,
    udpPath: "",
    cryptoPath: "",
    peers: [],
  };
  expect(nodeInWords(node, 121_000)).toBe(
    "It carries nothing at the moment. It has been up for 2 minutes. " +
      "It stands alone: no other node of its site is known.",
  );
  expect(nodeInWords({ ...node, publications: 1, subscriptions: 3, children: 1 }, 0)).toContain(
    "It carries 1 stream to 3 viewers and relays to 1 of at most 1 node.",
  );
});

test("settings from anything", () => {
  for (const broken of [
    null,
    7,
    "x",
    [],
    { height: 1, codec: "DIVX", bitrateKbps: -3, source: {} },
  ]) {
    expect(readSettings(broken)).toEqual(DEFAULTS);
  }
  const kept = {
    ...DEFAULTS,
    stream: "garden",
    height: 360,
    codec: "AV1" as const,
    simulcast: true,
  };
  expect(readSettings(JSON.parse(JSON.stringify(kept)))).toEqual(kept);
  expect(readSettings({ ...kept, height: "1080" }).height).toBe(1080);
});

test("a chart's ceiling and line", () => {
  expect([0, 1, 1.2e6, 2.5e6, 7e6, 1e7].map(niceCeiling)).toEqual([1e6, 1, 2e6, 5e6, 1e7, 1e7]);
  const points = [
    { atMs: 0, inBps: 0, outBps: 0 },
    { atMs: 500, inBps: 50, outBps: 0 },
    { atMs: 1_000, inBps: 100, outBps: 0 },
  ];
  expect(linePath(points, (it) => it.inBps, 100, 1_000)).toBe("M0.0 150.0L320.0 75.0L640.0 0.0");
  expect(linePath([], (it) => it.inBps, 100, 1_000)).toBe("");
});

test("a refusal to publish names what to do", () => {
  const error = new BanyanError("unauthorized", "Send a token.", { status: 401 });
  expect(refusalWords(error)).toBe("The node asks for a publishing key. Send a token.");
  expect(publisherWords({ kind: "refused", error }).detail).toBe(refusalWords(error));
  expect(publisherWords({ kind: "live" })).toEqual({ text: "Live", kind: "live", detail: "" });
});
