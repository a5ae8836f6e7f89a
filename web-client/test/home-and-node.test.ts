import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { until, World } from "./world.js";

let world: World;
let page: Page;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());
afterEach(async () => {
  await page?.close();
  expect(world.complaints.splice(0)).toEqual([]);
});

const text = (id: string) => page.getByTestId(id).first().innerText();

test("home tells how to go live, then lists what is live as it changes", async () => {
  world.node.streams.clear();
  page = await world.open("/");
  expect(await text("empty")).toContain("Be the first");
  expect(await text("whip-url")).toBe(`${world.node.url}/whip/my-stream`);
  expect(await page.locator("nav a[aria-current=page]").innerText()).toBe("Live");
  world.node.setStream("garden", "live", { viewers: 1 });
  world.node.setStream("club/night", "waiting");
  await until(async () => (await page.getByTestId("stream-card").count()) === 2);
  expect(await page.getByTestId("stream-card").first().innerText()).toMatch(
    /garden\s+Live\s+1 viewer/,
  );
  expect(await page.getByTestId("stream-card").last().getAttribute("href")).toBe(
    "/watch/club/night",
  );
});

test("home opens a stream by name, and refuses what is no name", async () => {
  page = await world.open("/#token=abc");
  await page.getByTestId("open-name").fill("no such/na me");
  await page.getByTestId("open-button").click();
  await until(async () => (await page.locator("#open-complaint").innerText()).includes("letters"));
  await page.getByTestId("open-name").fill("club/night");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/watch/club/night#token=abc");
});

test("home says when the node is gone, and recovers", async () => {
  page = await world.open("/");
  await page.getByTestId("streams").waitFor();
  world.node.dead = true;
  await until(async () => (await page.getByTestId("trouble").count()) === 1);
  expect(await text("trouble")).toContain("The node does not answer");
  world.node.dead = false;
  await until(async () => (await page.getByTestId("trouble").count()) === 0);
});

test("node page tells what the node does", async () => {
  const { node } = world;
  node.setStream("garden", "live");
  node.tree = [
    {
      nodeId: node.info.nodeId,
      http: node.url,
      parentId: "",
      depth: 0,
      children: 1,
      maxChildren: 4,
      viewers: 2,
    },
  ];
  node.info = {
    ...node.info,
    publications: 1,
    subscriptions: 2,
    children: 1,
    bitsPerSecondIn: 2_500_000,
    bitsPerSecondOut: 7_400_000,
    peers: [{ nodeId: "bbb", http: "http://10.0.0.2:8080", linked: true, rttMs: 12.4, loss: 0.01 }],
  };
  page = await world.open("/node");
  await until(async () => (await page.getByTestId("carried").count()) === 1);
  expect(await text("node-words")).toContain("It carries 1 stream to 2 viewers");
  expect(await text("node-words")).toContain("relays to 1 of at most 4 nodes");
  expect(await text("node-state")).toBe("Ready");
  expect(await text("node-tiles")).toContain("7.4 Mbit/s");
  expect(await text("peers")).toMatch(/10\.0\.0\.2:8080\s+linked\s+12 ms\s+1\.0 %/);
  expect(await text("carried")).toContain("the broadcaster is here");
});
