import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { closePages, launch } from "./browser.js";
import { figure } from "./figures.js";
import type { Program } from "./program.js";
import { publish, Site } from "./site.js";
import { pause, until } from "./until.js";
import { Watching } from "./watching.js";

/** Three times the figures that issue 2 asks for, since test machines are noisy. */
const PICTURE_AGAIN_MS_MAX = 3 * 2_000;
const SAID_SO_MS_MAX = 3 * 5_000;

let browser: Browser;
let site: Site;

beforeAll(async () => {
  browser = await launch();
});
afterEach(() => closePages(browser));
afterAll(() => browser?.close());

/** A watch page on node 3 that plays. */
async function watch(): Promise<Watching> {
  const watching = await Watching.open(browser, site.links.watch);
  await watching.playing();
  return watching;
}

/** The longest time without a new frame from `sinceMs` until the picture has run smoothly for a second. */
async function gapAfter(watching: Watching, sinceMs: number, ms: number): Promise<number> {
  return until(
    async () => {
      const frames = await watching.framesSince(sinceMs - 1_000);
      const late = frames.filter((at) => at > sinceMs + 1_500);
      const smooth = late.filter((at) => at > Date.now() - 1_000).length >= 8;
      if (!smooth) return undefined;
      const gaps = frames.slice(1).map((at, i) => at - (frames[i] ?? at));
      return Math.max(1, ...gaps);
    },
    ms,
    async () => `no picture; the player is ${await watching.state()}`,
    100,
  );
}

describe.each([1, 2, 3])("node 2 is killed (%i of 3)", () => {
  beforeAll(async () => {
    site = await Site.start();
  });
  afterAll(() => site.stop());

  test("the viewer on node 3 has picture again on the same page", async () => {
    const watching = await watch();
    await site.chained();
    const peers = await watching.peers();
    const at = Date.now();
    site.signal(2, "SIGKILL");
    const gapMs = await gapAfter(watching, at, 20_000);
    figure("kill -9 of node 2: longest time without a frame", gapMs, "ms");
    expect(gapMs).toBeLessThan(PICTURE_AGAIN_MS_MAX);
    // Node 3 found another parent; its viewer's session never noticed.
    expect(await watching.peers()).toBe(peers);
    const tree = await site.tree(3);
    expect(tree.find(({ http }) => http === site.node(3).http)?.depth).toBe(1);
  });
});

describe("the broadcaster vanishes", () => {
  let broadcaster: Program | undefined;

  beforeAll(async () => {
    site = await Site.start();
  });
  beforeEach(async () => {
    broadcaster = await publish(site.links.whip);
  });
  afterEach(() => broadcaster?.kill());
  afterAll(() => site.stop());

  test.each([1, 2, 3])("the page says so, and plays on when they return (%i of 3)", async () => {
    const watching = await watch();
    const peers = await watching.peers();

    const killedAt = Date.now();
    await broadcaster?.kill();
    await until(
      async () => (await watching.words()) === "Waiting for the broadcaster",
      SAID_SO_MS_MAX,
      async () => `the player is ${await watching.state()} and says "${await watching.words()}"`,
    );
    figure("kill -9 of the publisher until the page says so", Date.now() - killedAt, "ms");

    const backAt = Date.now();
    broadcaster = await publish(site.links.whip);
    const liveMs = Date.now() - backAt;
    await watching.playing();
    await until(async () => (await watching.words()) === "", 5_000);
    figure(
      "publisher back until picture",
      Date.now() - backAt,
      "ms",
      `of which the new publisher took ${liveMs} ms to go live`,
    );
    // The same page, and the same session.
    expect(await watching.peers()).toBe(peers);
  });
});

describe("nodes are told to stop", () => {
  beforeAll(async () => {
    site = await Site.start();
  });
  afterAll(() => site.stop());

  test("a viewer whose network changed keeps the session", async () => {
    const watching = await watch();
    const [peers, before] = [await watching.peers(), await watching.received()];
    const restarted = watching.page.waitForResponse((it) => it.request().method() === "PATCH");
    const at = Date.now();
    await watching.losesPath();
    const response = await restarted;
    expect(response.request().headers()["if-match"]).toBe("*");
    expect(response.status()).toBe(200);
    expect(response.headers()["etag"]).toMatch(/^"/);
    // The answer of the new credentials is in use when packets come over a pair that has them.
    const [, ufrag] = /a=ice-ufrag:(\S+)/.exec(await response.text()) ?? [];
    await until(async () => (await watching.remoteUfrag()) === ufrag, 5_000);
    await until(async () => (await watching.connection()) === "connected", 5_000);
    const restartedMs = Date.now() - at;
    await pause(3_000);
    const after = await watching.received();
    const freezes = after.freezeCount - before.freezeCount;
    figure("ICE restart: freezes", freezes, "", `new path after ${restartedMs} ms`);
    expect(freezes).toBe(0);
    expect(after.framesDecoded - before.framesDecoded).toBeGreaterThan(30);
    expect(await watching.peers()).toBe(peers);
  });

  test("node 2 hands its child over without a freeze", async () => {
    const watching = await watch();
    await site.chained();
    await watching.settled();
    const before = await watching.received();
    const at = Date.now();
    site.signal(2, "SIGTERM");
    await until(
      async () => (await site.tree(3)).find(({ http }) => http === site.node(3).http)?.depth === 1,
      15_000,
      async () => JSON.stringify(await site.tree(3)),
    );
    const movedMs = Date.now() - at;
    await pause(3_000);
    const after = await watching.received();
    const seconds = (Date.now() - at) / 1000;
    const freezes = after.freezeCount - before.freezeCount;
    const decoded = after.framesDecoded - before.framesDecoded;
    figure(
      "SIGTERM of node 2: freezes",
      freezes,
      "",
      `moved within ${movedMs} ms, ${decoded} frames decoded in ${seconds.toFixed(1)} s, ` +
        `${after.packetsLost - before.packetsLost} packets lost, ` +
        `${after.framesDropped - before.framesDropped} frames dropped`,
    );
    expect(freezes).toBe(0);
    expect(after.packetsLost - before.packetsLost).toBe(0);
    expect(decoded).toBeGreaterThan(seconds * 20);
  });

  test("node 3 sends its viewer to another node", async () => {
    const watching = await watch();
    const at = Date.now();
    site.signal(3, "SIGTERM");
    await until(
      async () => (await watching.servedBy()) !== site.node(3).http,
      15_000,
      async () => `still served by node 3; the player is ${await watching.state()}`,
    );
    const gapMs = await gapAfter(watching, at, 20_000);
    expect(await watching.servedBy()).toBe(site.node(1).http);
    figure("SIGTERM of the viewer's own node: longest time without a frame", gapMs, "ms");
    expect(gapMs).toBeLessThan(PICTURE_AGAIN_MS_MAX);
    expect(await watching.state()).toBe("playing");
  });
});
