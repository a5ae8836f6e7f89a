import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { choose, count, join } from "./bare.js";
import { closePages, launch } from "./browser.js";
import { figure } from "./figures.js";
import { Site, STREAM } from "./site.js";
import { Studio } from "./studio.js";
import { until } from "./until.js";

const SMALL = 60;
const LARGE_BYTES = 200_000;

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

/** A session whose channels are open. */
async function joined(
  node: number,
  path: "whip" | "whep",
  labels: string[],
  stream = STREAM,
): Promise<Page> {
  const page = await join(browser, site.node(node).http, { path, stream, labels });
  await until(
    () =>
      page.evaluate(() =>
        [...window.banyanChannels.values()].every(({ readyState }) => readyState === "open"),
      ),
    10_000,
    () => page.evaluate(() => `channels: ${JSON.stringify([...window.banyanChannels.keys()])}`),
  );
  return page;
}

/** What the data channels of some nodes have counted, for the message of a failure. */
async function counters(...nodes: number[]): Promise<string> {
  const pages = nodes.map(async (node) => {
    const metrics = await (await fetch(`${site.node(node).http}/metrics`)).text();
    const lines = metrics.split("\n").filter((it) => /^banyan_(data|sctp)_/.test(it));
    return `node ${node}: ${lines.filter((it) => !it.endsWith(" 0.0")).join(", ")}`;
  });
  return (await Promise.all(pages)).join("\n");
}

for (const node of [1, 3]) {
  test(`a viewer on node ${node} has all that a publisher on node 1 sends on data channels`, async () => {
    const publisher = await joined(1, "whip", ["ordered", "unordered", "greeting"]);
    await until(async () => (await site.state(node)) === "live", 20_000);
    const watching = await joined(node, "whep", ["banyan"]);
    if (node === 3) await site.chained();
    await until(
      async () => {
        await publisher.evaluate(() => window.banyanChannels.get("greeting")?.send("hello"));
        return (await count(watching, "greeting")) > 0;
      },
      20_000,
      () => counters(1, 2, 3),
    );

    const since = Date.now();
    await publisher.evaluate(
      ([small, large]) => {
        const ordered = window.banyanChannels.get("ordered");
        const unordered = window.banyanChannels.get("unordered");
        for (let i = 0; i < small; i++) {
          ordered?.send(`message ${i}`);
          unordered?.send(`loose ${i}`);
        }
        ordered?.send(Uint8Array.from({ length: large }, (_, i) => (i * 31 + (i >> 8)) & 0xff));
      },
      [SMALL, LARGE_BYTES] as const,
    );
    await until(
      async () =>
        (await count(watching, "ordered")) === SMALL + 1 &&
        (await count(watching, "unordered")) === SMALL,
      20_000,
      async () => `${await count(watching, "ordered")}, ${await count(watching, "unordered")}`,
    );
    figure(`data channels: all received on node ${node}`, Date.now() - since, "ms", "");

    const messages = await watching.evaluate(() => window.banyanMessages);
    const ordered = messages.filter(({ label }) => label === "ordered");
    expect(ordered.slice(0, SMALL).map(({ text }) => text)).toEqual(
      Array.from({ length: SMALL }, (_, i) => `message ${i}`),
    );
    expect(ordered.every((it) => it.ordered)).toBe(true);
    const large = ordered[SMALL]?.bytes ?? [];
    expect(large.length).toBe(LARGE_BYTES);
    expect(large.findIndex((byte, i) => byte !== ((i * 31 + (i >> 8)) & 0xff))).toBe(-1);
    const unordered = messages.filter(({ label }) => label === "unordered");
    expect(unordered.every((it) => !it.ordered)).toBe(true);
    expect(new Set(unordered.map(({ text }) => text)).size).toBe(SMALL);
  });
}

test("a studio sends the sizes that somebody watches, and its smallest while nobody does", async () => {
  const stream = "unwatched";
  const studio = await Studio.goLive(browser, site.links.studio, {
    codec: "VP8",
    simulcast: true,
    height: 720,
    kbps: 2_500,
    stream,
  });
  const rids = async () => [...(await studio.layers()).keys()].filter(Boolean).sort().join();
  await until(async () => (await rids()) === "q", 30_000, rids);
  const watching = await joined(1, "whep", ["banyan"], stream);
  await until(async () => (await rids()).includes("f"), 10_000, rids);
  // The largest may be more than a busy machine bears; a smaller one that is asked for is not.
  await choose(watching, { encodingId: "h" });
  await until(async () => (await rids()) === "h", 10_000, rids);
  await choose(watching, {});
  await until(async () => (await rids()).includes("f"), 10_000, rids);
  await studio.stop();
});
