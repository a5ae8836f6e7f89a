import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closePages, launch } from "./browser.js";
import { figure } from "./figures.js";
import { Site } from "./site.js";
import { Studio } from "./studio.js";
import { pause, until } from "./until.js";
import { Watching } from "./watching.js";

const WINDOW_MS = 20_000;
/** Chromium measures what it would play: silence while the page is muted. */
const SOUND = "#muted=0";
const SIMULCAST_WINDOW_MS = 10_000;
/** Three times what it is on a quiet machine: 0.4 s to see that a layer has stopped, and a keyframe. */
const GAP_MS_MAX = 3 * 500;

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

for (const codec of ["VP8", "H264", "VP9", "AV1"] as const) {
  test(`a camera in ${codec} reaches the watch page on node 3 over two relay hops`, async () => {
    const studio = await Studio.goLive(browser, site.links.studio, { codec });
    const watching = await Watching.open(browser, site.links.watch + SOUND);
    const firstMs = await watching.playing();
    await until(async () => (await watching.received()).codec === codec, 10_000);
    await site.chained();

    const before = await watching.received();
    const since = Date.now();
    await pause(WINDOW_MS);
    const after = await watching.received();
    const presented = (await watching.framesSince(since)).length;

    const decoded = after.framesDecoded - before.framesDecoded;
    const freezes = after.freezeCount - before.freezeCount;
    figure(
      `studio ${codec}: freezes in 20 s`,
      freezes,
      "",
      `${decoded} frames decoded, ${presented} presented, picture after ${Math.round(firstMs)} ms`,
    );
    expect(freezes).toBe(0);
    // A third of the camera's frames; a browser that paints in software may present fewer still.
    expect(decoded).toBeGreaterThan((10 * WINDOW_MS) / 1000);
    expect(presented).toBeGreaterThan((3 * WINDOW_MS) / 1000);
    expect(after.currentTime).toBeGreaterThan(before.currentTime + WINDOW_MS / 3000);
    expect(after.audioEnergy).toBeGreaterThan(before.audioEnergy);
    await studio.stop();
  });
}

/**
 * 1280x720 in three layers at 2.5 Mbit/s is what VP8's encoder does here at 30 frames a second beside
 * three nodes and a viewer on two cores.
 */
test("a viewer on node 3 has the best of the studio's three layers, and the next when it stops", async () => {
  const studio = await Studio.goLive(browser, site.links.studio, {
    codec: "VP8",
    simulcast: true,
    height: 720,
    kbps: 2_500,
  });
  const watching = await Watching.open(browser, site.links.watch);
  await watching.playing();
  await site.chained();
  const shows = (height: number) => async () => (await watching.received()).height === height;
  const why = async () => {
    const { width, height } = await watching.received();
    return `the viewer has ${width}x${height}, the studio sends ${JSON.stringify(await studio.layers())}`;
  };
  await until(async () => (await studio.layers()).get("f") === "1280x720", 15_000, why);
  await until(shows(720), 10_000, why);

  const before = await watching.received();
  await pause(SIMULCAST_WINDOW_MS);
  const after = await watching.received();
  const decoded = after.framesDecoded - before.framesDecoded;
  const freezes = after.freezeCount - before.freezeCount;
  figure(
    "studio simulcast: freezes in 10 s",
    freezes,
    "",
    `${decoded} frames of ${after.width}x${after.height} decoded`,
  );
  expect(`${after.width}x${after.height}`).toBe((await studio.layers()).get("f"));
  expect(freezes).toBe(0);
  expect(decoded).toBeGreaterThan((10 * SIMULCAST_WINDOW_MS) / 1000);

  const choose = (label: string) =>
    watching.page.getByTestId("quality").selectOption({ label }, { timeout: 10_000 });
  for (const [label, height] of [
    ["360p", 360],
    ["Auto", 720],
  ] as const) {
    await choose(label);
    await until(shows(height), 10_000, why);
  }

  for (const [change, active, height] of [
    ["stops", false, 360],
    ["returns", true, 720],
  ] as const) {
    const at = Date.now();
    await studio.setLayer("f", active);
    await until(shows(height), 10_000, why);
    const changedMs = Date.now() - at;
    await pause(1_000);
    const frames = await watching.framesSince(at);
    const gapMs = Math.max(...frames.slice(1).map((it, i) => it - (frames[i] ?? it)));
    figure(
      `studio simulcast: longest gap when the highest layer ${change}`,
      gapMs,
      "ms",
      `the viewer has the other size after ${changedMs} ms`,
    );
    expect(frames.length).toBeGreaterThan(5);
    expect(gapMs).toBeLessThan(GAP_MS_MAX);
  }
  await studio.stop();
});
