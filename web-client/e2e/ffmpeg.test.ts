import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { latencyMs, readClocks } from "./barcode.js";
import { closePages, launch } from "./browser.js";
import { FFMPEG_RUNS_HERE, ffmpegPublish } from "./ffmpeg.js";
import { figure, median, quantile } from "./figures.js";
import type { Program } from "./program.js";
import { Site } from "./site.js";
import { until } from "./until.js";
import { meanWaitMs, Watching } from "./watching.js";

const WINDOW_MS = 10_000;
/** Three times the figures that issue 2 asks for, since test machines are noisy. */
const LATENCY_MS_MAX = 3 * 150;
const ENDED_MS_MAX = 3 * 1_000;
const NODES = [1, 2, 3];

let site: Site;
let browser: Browser;
let ffmpeg: Program | undefined;

describe.runIf(FFMPEG_RUNS_HERE)("FFmpeg's own WHIP muxer", () => {
  beforeAll(async () => {
    [site, browser] = await Promise.all([Site.start(), launch()]);
  });
  afterEach(async () => {
    await ffmpeg?.stop();
    await closePages(browser);
  });
  afterAll(async () => {
    await browser?.close();
    await site?.stop();
  });

  test("the clock in its picture is seen on node 3 within a fraction of a second", async () => {
    ffmpeg = ffmpegPublish(site.links.whip);
    const watching = await Watching.open(browser, site.links.watch);
    await watching.playing();
    await until(
      async () => (await watching.received()).codec === "H264",
      20_000,
      () => String(ffmpeg?.lastWords()),
    );
    await until(
      async () => (await watching.page.evaluate(readClocks, 200)).some((it) => it.clockMs),
      10_000,
      () => "no barcode in the picture",
    );
    await site.chained();
    await watching.settled();

    const before = await watching.received();
    const readings = await watching.page.evaluate(readClocks, WINDOW_MS);
    const after = await watching.received();
    const latencies = readings.flatMap((it) => latencyMs(it) ?? []);
    figure(
      "FFmpeg to Chromium over two relay hops: glass to glass, median",
      median(latencies),
      "ms",
      `p95 ${Math.round(quantile(latencies, 0.95))} ms, ${latencies.length} of ${readings.length} frames read, ` +
        `jitter buffer ${Math.round(meanWaitMs(before, after))} ms, ${after.freezeCount - before.freezeCount} freezes`,
    );
    expect(latencies.length).toBeGreaterThan(readings.length / 2);
    expect(latencies.length).toBeGreaterThan((3 * WINDOW_MS) / 1000);
    // Below zero would mean that the barcode was misread.
    expect(quantile(latencies, 0)).toBeGreaterThan(0);
    expect(median(latencies)).toBeLessThan(LATENCY_MS_MAX);
  });

  test.each([1, 2, 3])("its end is the stream's end on every node (%i of 3)", async () => {
    ffmpeg = ffmpegPublish(site.links.whip);
    const states = () => Promise.all(NODES.map((node) => site.state(node)));
    const words = async () => `${(await states()).join()}; ${ffmpeg?.lastWords()}`;
    await until(async () => (await states()).every((it) => it === "live"), 20_000, words);
    await ffmpeg.line("errors", (line) => /frame= *[1-9]/.test(line) || undefined, 20_000);

    const askedAt = Date.now();
    ffmpeg.signal("SIGINT");
    await ffmpeg.ended(10_000);
    const endedAt = Date.now();
    await until(async () => (await states()).every((it) => it !== "live"), ENDED_MS_MAX, words, 10);
    figure(
      "FFmpeg's end until no node has the stream live",
      Date.now() - endedAt,
      "ms",
      `FFmpeg took ${endedAt - askedAt} ms to say good-bye`,
    );
  });
});
