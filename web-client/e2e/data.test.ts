import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { closePages, launch, open } from "./browser.js";
import { figure } from "./figures.js";
import { Site, STREAM } from "./site.js";
import { Studio } from "./studio.js";
import { until } from "./until.js";

const SMALL = 60;
const LARGE_BYTES = 200_000;

/** What the pages of this test keep: their channels, and what came on them. */
declare global {
  interface Window {
    banyanChannels: Map<string, RTCDataChannel>;
    /** Tells the node which layer the page wants: an object as the layers resource takes it. */
    banyanChoose: (choice: object) => Promise<void>;
    banyanMessages: { label: string; ordered: boolean; text: string | null; bytes: number[] }[];
  }
}

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

/** A bare session, without our SDK: any page may use data channels over WHIP and WHEP. */
async function join(
  node: number,
  path: "whip" | "whep",
  labels: string[],
  stream = STREAM,
): Promise<Page> {
  const { http } = site.node(node);
  const page = await open(browser, `${http}/`);
  await page.evaluate(
    async ([url, labels, publishes]) => {
      window.banyanChannels = new Map();
      window.banyanMessages = [];
      const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
      if (publishes) {
        const camera = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
        for (const track of camera.getTracks()) peer.addTrack(track, camera);
      } else {
        peer.addTransceiver("audio", { direction: "recvonly" });
        peer.addTransceiver("video", { direction: "recvonly" });
      }
      for (const label of labels) {
        const channel = peer.createDataChannel(label, { ordered: label !== "unordered" });
        window.banyanChannels.set(label, channel);
      }
      peer.addEventListener("datachannel", ({ channel }) => {
        channel.binaryType = "arraybuffer";
        channel.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
          window.banyanMessages.push({
            label: channel.label,
            ordered: channel.ordered,
            text: typeof data === "string" ? data : null,
            bytes: typeof data === "string" ? [] : Array.from(new Uint8Array(data)),
          });
        });
      });
      await peer.setLocalDescription();
      const answer = await fetch(url, {
        method: "POST",
        headers: { "Content-Type": "application/sdp" },
        body: peer.localDescription?.sdp ?? "",
      });
      if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
      const link = answer.headers.get("Link") ?? "";
      const layers = /<([^>]*)>; rel="urn:ietf:params:whep:ext:core:layer"/.exec(link)?.[1] ?? "";
      window.banyanChoose = async (choice) => {
        const chosen = await fetch(new URL(layers, url), {
          method: "POST",
          headers: { "Content-Type": "application/json" },
          body: JSON.stringify(choice),
        });
        if (!chosen.ok) throw new Error(`${chosen.status} ${await chosen.text()}`);
      };
      await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    },
    [`${http}/${path}/${stream}`, labels, path === "whip"] as const,
  );
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

const count = (page: Page, label: string) =>
  page.evaluate((it) => window.banyanMessages.filter((m) => m.label === it).length, label);

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
    const publisher = await join(1, "whip", ["ordered", "unordered", "greeting"]);
    await until(async () => (await site.state(node)) === "live", 20_000);
    const watching = await join(node, "whep", ["banyan"]);
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
  const watching = await join(1, "whep", ["banyan"], stream);
  await until(async () => (await rids()).includes("f"), 10_000, rids);
  // The largest may be more than a busy machine bears; a smaller one that is asked for is not.
  await watching.evaluate((encodingId) => window.banyanChoose({ encodingId }), "h");
  await until(async () => (await rids()) === "h", 10_000, rids);
  await watching.evaluate(() => window.banyanChoose({}));
  await until(async () => (await rids()).includes("f"), 10_000, rids);
  await studio.stop();
});
