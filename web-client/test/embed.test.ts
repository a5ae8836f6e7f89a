import { afterAll, beforeAll, expect, test } from "vitest";
import { FakeNode } from "./fake-node.js";
import { until, World } from "./world.js";

let world: World;
let elsewhere: FakeNode;

beforeAll(async () => {
  world = await World.start();
  elsewhere = await FakeNode.start();
});
afterAll(async () => {
  await world.stop();
  await elsewhere.stop();
});

test("one script plays a stream on a page of somebody else", async () => {
  world.node.setStream("garden", "live");
  const page = await world.open(`${elsewhere.url}/blank`);
  await page.evaluate((node) => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    const player = document.createElement("banyan-player");
    player.setAttribute("node", node);
    player.setAttribute("stream", "garden");
    player.setAttribute("muted", "");
    player.setAttribute("autoplay", "");
    Object.assign(player, { token: "key" });
    player.addEventListener("banyan-state", ({ detail }) => heard.push(detail.kind));
    document.body.append(player);
  }, world.node.url);
  await page.addScriptTag({ type: "module", url: `${world.node.url}/banyan-player.js` });
  await until(async () => {
    return (await page.locator("banyan-player").getAttribute("data-state")) === "playing";
  });
  const heard = await page.evaluate(() => (window as unknown as { heard: string[] }).heard);
  expect(heard).toEqual(["connecting", "playing"]);
  // What was set before the script came counts as well.
  const post = world.node.seen.find(
    ({ method, path }) => method === "POST" && path === "/whep/garden",
  );
  expect(post?.headers.authorization).toBe("Bearer key");
  await page.locator("banyan-player").evaluate((player) => player.remove());
  await until(() => world.node.sessions("whep").length === 0);
  expect(world.complaints).toEqual([]);
  await page.close();
});
