import type { Browser } from "playwright-core";
import type { Browser as Firefox } from "puppeteer-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { count, type Driven, HEIGHT, join, joinFrom, seen, type Terms } from "./bare.js";
import { launch } from "./browser.js";
import { figure } from "./figures.js";
import { FirefoxPage, launchFirefox } from "./firefox.js";
import { Site, STREAM } from "./site.js";
import { pause, until } from "./until.js";

const WINDOW_MS = 3_000;
const LARGE_BYTES = 100_000;

let site: Site;
let chromium: Browser;
let firefox: Firefox;

beforeAll(async () => {
  [site, chromium, firefox] = await Promise.all([Site.start("--lan"), launch(), launchFirefox()]);
});
afterAll(async () => {
  await Promise.all([chromium?.close(), firefox?.close()]);
  await site?.stop();
});

/** Pages come from the loopback address, where browsers lend cameras; media goes by another. */
const from = (node: number) => site.node(node).http.replace(/\/\/[^:/]+/, "//127.0.0.1");

async function joinInFirefox(node: number, terms: Terms) {
  const http = from(node);
  const page = await FirefoxPage.open(firefox, `${http}/`);
  await joinFrom(page, http, terms);
  return page;
}

/** Sees and hears for a while what comes, in VP8. */
async function watches(page: Driven, what: string): Promise<void> {
  const why = async () => `${what}: ${JSON.stringify(await seen(page))}`;
  await until(async () => (await seen(page)).decoded > 30, 20_000, why);
  const before = await seen(page);
  await pause(WINDOW_MS);
  const after = await seen(page);
  const rate = ((after.decoded - before.decoded) * 1_000) / WINDOW_MS;
  figure(`${what}: frames a second`, rate, "", JSON.stringify(after));
  expect(rate, what).toBeGreaterThan(20);
  // Firefox sends a smaller picture than it was asked for.
  expect(after.height, what).toBeGreaterThanOrEqual(HEIGHT / 2);
  expect(after.codec, what).toBe("video/VP8");
  expect(after.lost, what).toBe(0);
  expect(after.heard - before.heard, `${what}: packets of sound`).toBeGreaterThan(100);
}

/** Reads on a channel what the publisher of the stream sends there, a short text and much. */
async function reads(page: Driven, publisher: Driven, what: string): Promise<void> {
  const why = async () => `${what}: ${await count(page, "chat")} messages`;
  await until(
    async () => {
      await publisher.evaluate((it) => window.banyanChannels.get("chat")?.send(it), "hello");
      return (await count(page, "chat")) > 0;
    },
    10_000,
    why,
  );
  await publisher.evaluate((large) => {
    const bytes = Uint8Array.from({ length: large }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
    window.banyanChannels.get("chat")?.send(bytes);
  }, LARGE_BYTES);
  const large = await until(
    () => page.evaluate(() => window.banyanMessages.find((it) => it.text === null)?.bytes, null),
    10_000,
    why,
  );
  expect(large.length).toBe(LARGE_BYTES);
  expect(large.findIndex((byte, i) => byte !== ((i * 31 + (i >> 8)) & 0xff))).toBe(-1);
}

const video = { codec: "VP8" };
const publishes: Terms = { path: "whip", stream: STREAM, video, labels: ["chat"] };
const watching: Terms = { path: "whep", stream: STREAM, labels: ["banyan"] };

test("Firefox and Chromium on node 3 see, hear and read what Firefox sends to node 1", async () => {
  const publisher = await joinInFirefox(1, publishes);
  await until(async () => (await site.state(3)) === "live", 20_000);
  const inFirefox = await joinInFirefox(3, watching);
  await watches(inFirefox, "Firefox to Firefox");
  await reads(inFirefox, publisher, "Firefox to Firefox");
  await inFirefox.close();
  const inChromium = await join(chromium, from(3), watching);
  await watches(inChromium, "Firefox to Chromium");
  await reads(inChromium, publisher, "Firefox to Chromium");
  await inChromium.context().close();
  await publisher.close();
});

test("Firefox on node 3 sees, hears and reads what Chromium sends to node 1", async () => {
  const publisher = await join(chromium, from(1), publishes);
  await until(async () => (await site.state(3)) === "live", 20_000);
  const page = await joinInFirefox(3, watching);
  await watches(page, "Chromium to Firefox");
  await reads(page, publisher, "Chromium to Firefox");
  await publisher.context().close();
});
