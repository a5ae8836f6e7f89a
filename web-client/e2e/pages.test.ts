import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { closePages, launch, open } from "./browser.js";
import type { Program } from "./program.js";
import { banyan, freePort, publish, Site, STREAM } from "./site.js";
import { until } from "./until.js";
import { Watching } from "./watching.js";

let browser: Browser;

beforeAll(async () => {
  browser = await launch();
});
afterEach(() => closePages(browser));
afterAll(() => browser?.close());

describe("the pages of an open site", () => {
  let site: Site;

  beforeAll(async () => {
    site = await Site.start();
  });
  afterAll(() => site?.stop());

  test("home lists the live stream, and its card leads to the picture", async () => {
    const page = await open(browser, `${site.node(3).http}/`);
    const card = page.getByTestId("stream-card");
    await card.waitFor();
    expect(await card.getAttribute("data-stream")).toBe(STREAM);
    await card.click();
    await page.waitForURL(`**/watch/${STREAM}`);
    await until(
      async () => (await page.locator("banyan-player").getAttribute("data-state")) === "playing",
      20_000,
    );
  });

  test("the node page shows the other nodes of the site", async () => {
    const page = await open(browser, `${site.node(1).http}/node`);
    await page.getByTestId("peers").waitFor();
    const peers = await page.getByTestId("peers").innerText();
    for (const other of [2, 3]) expect(peers).toContain(new URL(site.node(other).http).host);
    expect(await page.getByTestId("carried").innerText()).toContain(STREAM);
  });

  test("the watch page tells the way that the picture took", async () => {
    const watching = await Watching.open(browser, site.links.watch);
    await watching.playing();
    const path = watching.page.getByTestId("path");
    await until(async () => (await path.getAttribute("data-hops")) === "3", 15_000);
  });

  // SCREENSHOTS=folder npm run e2e -- pages: pictures to look at.
  const pictures = process.env["SCREENSHOTS"] ? test : () => {};
  pictures(
    "pictures of all pages",
    async () => {
      const folder = process.env["SCREENSHOTS"] ?? "";
      mkdirSync(folder, { recursive: true });
      const urls = {
        home: `${site.node(3).http}/`,
        watch: site.links.watch,
        studio: site.links.studio,
        node: `${site.node(2).http}/node`,
      };
      for (const [name, url] of Object.entries(urls)) {
        for (const colorScheme of ["light", "dark"] as const) {
          for (const [width, height] of [
            [1280, 800],
            [360, 740],
          ] as const) {
            const page = await open(browser, url, { colorScheme, viewport: { width, height } });
            if (name === "watch") {
              await page.getByTestId("path").and(page.locator("[data-hops='3']")).waitFor();
              await until(
                async () => /bit/.test(await page.getByTestId("bitrate").innerText()),
                15_000,
              );
            } else await page.waitForLoadState("networkidle").catch(() => undefined);
            await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${width}.png`) });
            await page.context().close();
          }
        }
      }
    },
    240_000,
  );
});

describe("a node that asks for tokens", () => {
  const data = mkdtempSync(join(tmpdir(), "banyan-e2e-"));
  let node: Program | undefined;
  let broadcaster: Program | undefined;
  let http = "";

  beforeAll(async () => {
    const port = await freePort();
    http = `http://127.0.0.1:${port}`;
    const config = join(data, "node.conf");
    writeFileSync(config, "banyan.rate-limit.per-second = 0\n");
    const address = `127.0.0.1:${port}`;
    node = banyan("node", "--config", config, "--http", address, "--udp", address, "--data", data);
    await node.line("output", (line) => line.includes("is ready") || undefined, 60_000);
    broadcaster = await publish(`${http}/whip/garden`, await token("--publish"));
  });
  afterAll(async () => {
    await broadcaster?.stop();
    await node?.stop();
    rmSync(data, { recursive: true, force: true });
  });

  /** A token for the stream, as an operator makes one. */
  async function token(right: "--publish" | "--watch"): Promise<string> {
    const program = banyan("token", right, "garden", "--data", data);
    return program.line("output", (line) => /^ey\S+$/.exec(line)?.[0], 30_000);
  }

  test("plays for a link that carries one", async () => {
    const watching = await Watching.open(
      browser,
      `${http}/watch/garden#token=${await token("--watch")}`,
    );
    await watching.playing();
  });

  test("says what is missing to a link without one", async () => {
    const watching = await Watching.open(browser, `${http}/watch/garden`);
    await until(
      async () => (await watching.state()) === "refused (unauthorized)",
      15_000,
      async () => `the player is ${await watching.state()}`,
    );
    expect(await watching.words()).toBe("This stream needs a key");
  });
});
