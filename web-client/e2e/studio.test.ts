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

for (const codec of ["VP8", "H264", "VP9"] as const) {
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
