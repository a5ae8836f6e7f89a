import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launch } from "./browser.js";
import { figure } from "./figures.js";
import type { Program } from "./program.js";
import { ShapedLink } from "./shaped-link.js";
import { banyan, freePort } from "./site.js";
import { Studio } from "./studio.js";
import { pause, until } from "./until.js";
import { type Received, Watching } from "./watching.js";

/**
 * The studio splits 2.5 Mbit/s into at most 1,600, 675 and 225 kbit/s, of which the fake camera takes
 * three quarters, and sound takes at most 96 beside it: each rate bears one layer, and not the next.
 */
const STEPS = [
  { kbps: 900, height: 360 },
  { kbps: 400, height: 180 },
  { kbps: 10_000, height: 720 },
] as const;
const SETTLE_MS = 20_000;
const SETTLED_MS = 3_000;
const WINDOW_MS = 10_000;

describe.skipIf(!ShapedLink.possible())("a viewer behind a narrow link", () => {
  const data = mkdtempSync(join(tmpdir(), "banyan-e2e-"));
  let link: ShapedLink;
  let node: Program | undefined;
  let near: Browser | undefined;
  let far: Browser | undefined;
  let http = "";

  beforeAll(async () => {
    link = ShapedLink.make(STEPS[0].kbps);
    const address = `${link.here}:${await freePort(link.here)}`;
    http = `http://${address}`;
    const config = join(data, "node.conf");
    writeFileSync(config, 'banyan.access = "open"\n');
    node = banyan("node", "--config", config, "--http", address, "--udp", address, "--data", data);
    [near, far] = await Promise.all([
      launch({ trusted: http }),
      launch({ inside: (path) => link.inside(path) }),
      node.line("output", (line) => line.includes("is ready") || undefined, 60_000),
    ]);
  });
  afterAll(async () => {
    try {
      await Promise.all([near?.close(), far?.close()]);
      await node?.stop();
    } finally {
      link?.remove();
      rmSync(data, { recursive: true, force: true });
    }
  });

  test("has the layer that fits, and the next when the link changes", async () => {
    if (!near || !far) throw new Error("no browsers");
    const stream = "narrow";
    const broadcast = { codec: "VP8", simulcast: true, height: 720, kbps: 2_500, stream } as const;
    const studio = await Studio.goLive(near, `${http}/studio`, broadcast);
    let at = Date.now();
    const watching = await Watching.open(far, `${http}/watch/${stream}`);
    figure("viewer behind a narrow link: picture after", await watching.playing(), "ms");

    let start: Freezes = { freezeCount: 0, freezesMs: 0 };
    for (const { kbps, height } of STEPS) {
      link.rate(kbps);
      await settles(watching, studio, height);
      const settledMs = Date.now() - at - SETTLED_MS;
      const [before, sent] = [await watching.received(), await studio.sentBytes()];
      await pause(WINDOW_MS);
      const [after, sentLater] = [await watching.received(), await studio.sentBytes()];
      const rates = [...sentLater].map(
        ([rid, bytes]) =>
          `${rid} ${Math.round(((bytes - (sent.get(rid) ?? 0)) * 8) / WINDOW_MS)} kbit/s`,
      );
      figure(
        `viewer behind ${kbps} kbit/s: ${height} lines after`,
        settledMs,
        "ms",
        `freezes until then ${frozen(start, before)}, and in the 10 s after ${frozen(before, after)}; ` +
          `${after.framesDecoded - before.framesDecoded} frames decoded in these; ` +
          `${link.dropped()} frames dropped by the link; the studio sends ${rates.join(", ")}`,
      );
      expect(after.height).toBe(height);
      expect(after.framesDecoded - before.framesDecoded).toBeGreaterThan((10 * WINDOW_MS) / 1000);
      [at, start] = [Date.now(), after];
    }
    await studio.stop();
  });
});

/** Waits until the picture has had so many lines for a while. */
async function settles(watching: Watching, studio: Studio, height: number): Promise<void> {
  let since = 0;
  const seen: string[] = [];
  await until(
    async () => {
      const { height: now } = await watching.received();
      if (seen.at(-1) !== String(now)) seen.push(String(now));
      since = now === height ? since || Date.now() : 0;
      return since > 0 && Date.now() - since >= SETTLED_MS;
    },
    SETTLE_MS + SETTLED_MS,
    async () =>
      `the viewer had ${seen.join(", ")} lines, the studio sends ${JSON.stringify([...(await studio.layers())])}`,
  );
}

type Freezes = Pick<Received, "freezeCount" | "freezesMs">;

const frozen = (before: Freezes, after: Freezes): string =>
  `${after.freezeCount - before.freezeCount} (${Math.round(after.freezesMs - before.freezesMs)} ms)`;
