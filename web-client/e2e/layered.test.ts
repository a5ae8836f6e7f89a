import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { choose, type Encoding, HEIGHT, join, type Seen, seen } from "./bare.js";
import { closePages, launch } from "./browser.js";
import { figure } from "./figures.js";
import { Site, STREAM } from "./site.js";
import { pause, until } from "./until.js";

const WINDOW_MS = 2_000;
const BITRATE_BPS = 1_000_000;

let site: Site;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([Site.start(), launch()]);
});
afterEach(() => closePages(browser));
afterAll(async () => {
  await browser?.close();
  await site?.stop();
});

/** A browser on node 1 sends the stream that the demo's nodes carry, another watches it on node 3. */
async function across(
  codec: string,
  encodings: Encoding[],
): Promise<{ publisher: Page; watching: Page }> {
  const terms = { stream: STREAM, audio: false, descriptor: true };
  const video = { codec, encodings };
  const publisher = await join(browser, site.node(1).http, { path: "whip", video, ...terms });
  await until(async () => (await site.state(3)) === "live", 20_000);
  const watching = await join(browser, site.node(3).http, { path: "whep", ...terms });
  for (const page of [publisher, watching]) {
    const sdp = await page.evaluate(() => window.banyanPeers.at(-1)?.remoteDescription?.sdp ?? "");
    expect(sdp, "the node takes the descriptor").toMatch(/a=extmap:\d+\S* \S*dependency-desc/);
  }
  // A browser that starts sends a small picture first, until it knows the line.
  await shows(watching, HEIGHT, 30_000);
  expect((await seen(watching)).codec).toBe(`video/${codec}`);
  return { publisher, watching };
}

const shows = (page: Page, height: number, ms = 10_000) =>
  until(
    async () => (await seen(page)).height === height,
    ms,
    async () => `not ${height} lines high: ${JSON.stringify(await seen(page))}`,
  );

interface Watched {
  /** Of the frames that were decoded. */
  readonly framesPerSecond: number;
  readonly freezes: number;
  readonly after: Seen;
}

async function watch(page: Page, height: number): Promise<Watched> {
  const [before, since] = [await seen(page), performance.now()];
  await pause(WINDOW_MS);
  const [after, ms] = [await seen(page), performance.now() - since];
  expect(after.height, "the size stays").toBe(height);
  const framesPerSecond = ((after.decoded - before.decoded) * 1_000) / ms;
  return { framesPerSecond, freezes: after.freezes - before.freezes, after };
}

/** Layers of one encoding. */
const SVC = [
  { codec: "VP9", mode: "L1T3", spatial: 1, temporal: 3 },
  // Of 640 by 360 Chromium makes two sizes at the most.
  { codec: "VP9", mode: "L2T3_KEY", spatial: 2, temporal: 3 },
  { codec: "AV1", mode: "L1T3", spatial: 1, temporal: 3 },
  { codec: "AV1", mode: "L2T2", spatial: 2, temporal: 2 },
] as const;

for (const { codec, mode, spatial, temporal } of SVC) {
  test(`a viewer on node 3 chooses among the layers of a browser's ${codec} in ${mode}`, async () => {
    const { watching } = await across(codec, [{ scalabilityMode: mode, maxBitrate: BITRATE_BPS }]);
    const begun = await seen(watching);
    const rates = new Map<string, number>();
    for (const [s, t] of steps(spatial, temporal)) {
      const height = HEIGHT >> (spatial - 1 - s);
      await choose(watching, { spatialLayerId: s, temporalLayerId: t });
      await shows(watching, height);
      await pause(500);
      const { framesPerSecond, freezes, after } = await watch(watching, height);
      rates.set(`${s},${t}`, framesPerSecond);
      const name = `${codec} ${mode}, layers ${s}, ${t}`;
      figure(name, framesPerSecond, "frames a second", JSON.stringify(after));
      expect(freezes, `freezes of ${name}`).toBe(0);
    }
    for (let s = 0; s < spatial; s++) {
      for (let t = 1; t < temporal; t++) {
        const [less, more] = [rates.get(`${s},${t - 1}`), rates.get(`${s},${t}`)];
        if (less === undefined || more === undefined) continue;
        expect(more / less, `a layer more doubles the frames: ${[...rates]}`).toBeGreaterThan(1.5);
        expect(more / less, `a layer more doubles the frames: ${[...rates]}`).toBeLessThan(2.6);
      }
    }
    const ended = await seen(watching);
    figure(`${codec} ${mode}: freezes over all switches`, ended.freezes - begun.freezes);
    expect(ended.lost, "holes in the numbers").toBe(0);
    expect(ended.refreshes - begun.refreshes, "frames that did not decode").toBe(0);
  });
}

/** From the best down to the least and up again, through every step in size and in frames. */
function steps(spatial: number, temporal: number): [number, number][] {
  const down: [number, number][] = [];
  for (let t = temporal - 1; t >= 0; t--) down.push([spatial - 1, t]);
  for (let s = spatial - 2; s >= 0; s--) down.push([s, temporal - 1]);
  if (spatial > 1) down.push([0, 0]);
  return [...down, [spatial - 1, temporal - 1]];
}

const sizes = (): Encoding[] => [
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 300_000, scalabilityMode: "L1T1" },
  { rid: "f", maxBitrate: BITRATE_BPS, scalabilityMode: "L1T1" },
];

for (const codec of ["VP8", "H264", "VP9", "AV1"]) {
  test(`a viewer on node 3 chooses among the sizes of a browser's simulcast in ${codec}`, async () => {
    const { watching } = await across(codec, sizes());
    const begun = await seen(watching);
    for (const [encodingId, share] of [
      ["h", 2],
      ["f", 1],
    ] as const) {
      await choose(watching, { encodingId });
      await shows(watching, HEIGHT / share);
      await pause(500);
      const { framesPerSecond, freezes, after } = await watch(watching, HEIGHT / share);
      const name = `${codec} simulcast, ${encodingId}`;
      figure(name, framesPerSecond, "frames a second", JSON.stringify(after));
      expect(freezes, `freezes of ${name}`).toBe(0);
    }
    const ended = await seen(watching);
    figure(`${codec} simulcast: freezes over all switches`, ended.freezes - begun.freezes);
    expect(ended.lost, "holes in the numbers").toBe(0);
    expect(ended.refreshes - begun.refreshes, "frames that did not decode").toBe(0);
  });
}

test("a size that rests when a relay dies comes to whoever asks for it afterwards", async () => {
  const { watching } = await across("VP8", sizes());
  const depth = async (node: number) => {
    const tree = await site.tree(1).catch(() => []);
    return tree.find(({ http }) => http === site.node(node).http)?.depth;
  };
  const depths = async () => `${await depth(2)},${await depth(3)}`;
  await until(async () => /1,2|2,1/.test(await depths()), 20_000, depths);
  const [relay, last] = (await depth(2)) === 1 ? ([2, 3] as const) : ([3, 2] as const);
  const terms = { stream: STREAM, audio: false };
  const page =
    last === 3 ? watching : await join(browser, site.node(last).http, { path: "whep", ...terms });
  for (const it of new Set([watching, page])) {
    await choose(it, { encodingId: "h" });
    await shows(it, HEIGHT / 2);
  }
  // What nobody takes is given up after two seconds; the word of it crosses two links.
  await pause(4_000);
  site.signal(relay, "SIGKILL");
  await until(async () => (await depth(last)) === 1, 15_000, depths);
  const at = Date.now();
  await choose(page, { encodingId: "f" });
  await shows(page, HEIGHT);
  figure("a size that rested when its relay died", Date.now() - at, "ms", "after it was asked for");
  expect((await watch(page, HEIGHT)).framesPerSecond).toBeGreaterThan(20);
});
