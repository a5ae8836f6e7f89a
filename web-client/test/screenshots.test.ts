import { mkdirSync } from "node:fs";
import type { Page } from "playwright-core";
import { test } from "vitest";
import { until, World } from "./world.js";

// Pictures of all pages, to look at: SCREENSHOTS=folder npm run screenshots
const folder = process.env["SCREENSHOTS"];

const playing = (page: Page) =>
  until(async () => (await page.locator("banyan-player").getAttribute("data-state")) === "playing");

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly ready: (page: Page) => Promise<unknown>;
}

const SHOTS: Shot[] = [
  { name: "home", path: "/", ready: (page) => page.getByTestId("stream-card").first().waitFor() },
  {
    name: "watch",
    path: "/watch/garden",
    ready: async (page) => {
      await playing(page);
      await until(async () => (await page.getByTestId("bitrate").innerText()).includes("bit/s"));
      await page.locator("[data-hops]").waitFor();
    },
  },
  {
    name: "watch-figures",
    path: "/watch/garden",
    ready: async (page) => {
      await playing(page);
      await page.getByTestId("stats-toggle").click();
      await until(async () => (await page.getByTestId("bitrate").innerText()).includes("bit/s"));
    },
  },
  {
    name: "watch-waiting",
    path: "/watch/club/late-night",
    ready: (page) => page.getByTestId("player-state").getByText("Waiting").waitFor(),
  },
  {
    name: "watch-unknown",
    path: "/watch/nobody",
    ready: (page) => page.getByTestId("player-retry").waitFor(),
  },
  {
    name: "studio",
    path: "/studio#stream=porch",
    ready: (page) => page.getByTestId("go-live").waitFor(),
  },
  {
    name: "studio-live",
    path: "/studio#stream=porch",
    ready: async (page) => {
      await page.getByTestId("source-select").selectOption("pattern");
      await page.getByTestId("height-select").selectOption("360");
      await page.getByTestId("go-live").click();
      await page.getByTestId("studio-stats").waitFor();
      await until(async () => (await page.getByTestId("bitrate").innerText()).includes("bit/s"));
    },
  },
  {
    name: "node",
    path: "/node",
    ready: async (page) => {
      await page.getByTestId("carried").waitFor();
      await new Promise((resolve) => setTimeout(resolve, 4_500));
    },
  },
];

test("screenshots", async () => {
  mkdirSync(folder ?? "", { recursive: true });
  const world = await World.start();
  const { node } = world;
  const hop = { children: 1, maxChildren: 1, viewers: 2 };
  node.tree = [
    { ...hop, nodeId: "a", http: "http://127.0.0.1:8090", parentId: "", depth: 0 },
    { ...hop, nodeId: "b", http: "http://127.0.0.1:8100", parentId: "a", depth: 1 },
    { ...hop, nodeId: node.info.nodeId, http: "http://127.0.0.1:8110", parentId: "b", depth: 2 },
  ];
  const wave = setInterval(() => {
    const at = Date.now() / 900;
    node.info = {
      ...node.info,
      publications: 2,
      subscriptions: 7,
      children: 1,
      bitsPerSecondIn: 2_500_000 + 300_000 * Math.sin(at),
      bitsPerSecondOut: 8_600_000 + 1_500_000 * Math.sin(at * 1.7),
      peers: [
        { nodeId: "a", http: "http://127.0.0.1:8090", linked: true, rttMs: 12.3, loss: 0.002 },
        { nodeId: "b", http: "http://127.0.0.1:8100", linked: false, rttMs: -1, loss: -1 },
      ],
    };
  }, 200);
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of [1280, 360]) {
      const context = await world.browser.newContext({
        colorScheme,
        viewport: { width, height: width > 600 ? 860 : 740 },
        deviceScaleFactor: 1,
      });
      for (const { name, path, ready } of SHOTS) {
        node.setStream("garden", "live");
        node.setStream("club/late-night", "waiting", { viewers: 12 });
        const page = await world.open(path, context);
        await ready(page);
        await page.screenshot({
          path: `${folder}/${name}-${colorScheme}-${width}.png`,
          fullPage: true,
        });
        await page.close();
        // A page that is torn down has not always said goodbye.
        for (const id of node.sessions("whip")) await world.robot.close(id);
      }
      await context.close();
    }
  }
  clearInterval(wave);
  await world.stop();
}, 240_000);
