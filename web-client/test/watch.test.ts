import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { BanyanPlayer } from "../packages/player/src/index.js";
import { FakeNode } from "./fake-node.js";
import { until, World } from "./world.js";

let world: World;
let page: Page;

beforeAll(async () => {
  world = await World.start();
});
afterAll(() => world.stop());
beforeEach(() => {
  world.node.refusal = undefined;
  world.node.editAnswer = (sdp) => sdp;
  world.node.setStream("garden", "live");
  world.node.seen.length = 0;
  // A page that a test closed has not always said goodbye.
  world.node.forgetSessions();
});
afterEach(async () => {
  await page?.close();
  expect(world.complaints.splice(0)).toEqual([]);
});

const state = (name: string, ms?: number) =>
  until(async () => (await page.locator("banyan-player").getAttribute("data-state")) === name, ms);
const text = (id: string) => page.getByTestId(id).first().innerText();
const frames = () =>
  page.getByTestId("player-video").evaluate((video) => {
    return (video as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames;
  });

test("plays, with figures, viewers, and the way through the tree", async () => {
  const { node } = world;
  const hop = { children: 1, maxChildren: 1, viewers: 0 };
  node.tree = [
    { ...hop, nodeId: "a", http: "http://127.0.0.1:1", parentId: "", depth: 0 },
    { ...hop, nodeId: "b", http: "http://127.0.0.1:2", parentId: "a", depth: 1 },
    { ...hop, nodeId: node.info.nodeId, http: node.url, parentId: "b", depth: 2 },
    { ...hop, nodeId: "x", http: "http://127.0.0.1:4", parentId: "b", depth: 2 },
  ];
  page = await world.open("/watch/garden#token=let-me-in");
  await state("playing");
  const before = await frames();
  await until(async () => (await frames()) > before + 10);
  await until(async () => /^\d+ ms$/.test(await text("latency")));
  expect(Number(await page.getByTestId("latency").getAttribute("data-value"))).toBeLessThan(1_000);
  await until(async () => /\d (k|M)bit\/s/.test(await text("bitrate")));
  expect(await text("resolution")).toBe("640 × 360");
  expect(await text("codec")).toMatch(/^VP8 \+ opus$/);
  expect(await text("viewers")).toBe("3 viewers");
  expect(await text("live-badge")).toBe("Live");
  await until(async () => (await page.getByTestId("path").getAttribute("data-hops")) === "3");
  expect(await page.title()).toBe("garden · Banyan");

  const post = node.seen.find(({ method, path }) => method === "POST" && path === "/whep/garden");
  expect(post?.headers.authorization).toBe("Bearer let-me-in");
  expect(post?.headers["content-type"]).toBe("application/sdp");
  expect(post?.body).toContain("stereo=1");
  expect(post?.body).toContain("abs-capture-time");
  const events = node.seen.find(({ path }) => path.endsWith("/events"));
  expect(events?.headers.authorization).toBe("Bearer let-me-in");
  // A token in an address would end up in logs.
  expect(node.seen.filter(({ path }) => path.includes("let-me-in"))).toEqual([]);
});

test("waits for a broadcaster who went away, on the same session", async () => {
  page = await world.open("/watch/garden");
  await state("playing");
  const video = await page.getByTestId("player-video").elementHandle();
  await world.robot.pause(true);
  world.node.setStream("garden", "waiting");
  await state("waiting", 2_000);
  expect(await text("player-state")).toBe("Waiting for the broadcaster");
  expect(await text("live-badge")).toBe("Waiting");
  await world.robot.pause(false);
  world.node.setStream("garden", "live");
  await state("playing");
  expect(
    await video?.evaluate((it) => it.isConnected && !!(it as HTMLVideoElement).srcObject),
  ).toBe(true);
  expect(world.node.seen.filter(({ method }) => method === "POST")).toHaveLength(1);
});

test("opens a link before the broadcast, and starts when it does", async () => {
  world.node.setStream("garden", "waiting");
  page = await world.open("/watch/garden");
  await state("waiting");
  world.node.setStream("garden", "live");
  // Told by an event: well before Retry-After's two seconds come round again.
  await state("playing", 4_000);
});

test("says what is wrong with a name, a key, a codec", async () => {
  page = await world.open("/watch/nobody");
  await state("refused");
  expect(await text("player-state")).toBe("There is no such stream");
  world.node.setStream("nobody", "live");
  await page.getByTestId("player-retry").click();
  await state("playing");
  world.node.setStream("nobody", "ended");
  await state("ended");
  await page.close();

  world.node.refusal = { status: 401, title: "Unauthorized", detail: "The token has expired." };
  page = await world.open("/watch/garden");
  await state("refused");
  expect(await page.locator("banyan-player").getAttribute("data-reason")).toBe("unauthorized");
  expect(await text("player-detail")).toContain("The token has expired.");
  await page.close();

  world.node.refusal = { status: 422, title: "No codec", detail: "This stream is H264." };
  page = await world.open("/watch/garden");
  await state("refused");
  expect(await text("player-detail")).toContain("This stream is H264.");
  await page.close();

  page = await world.open("/watch/a/b/c");
  expect(await text("no-name")).toContain("This is no stream name");
});

test("explains loopback addresses when there is no picture", async () => {
  world.node.editAnswer = (sdp) =>
    sdp
      .replace(/^a=candidate:.*\r\n/gm, "")
      .replace(
        /^a=mid:0\r\n/m,
        "a=mid:0\r\na=candidate:1 1 udp 2130706431 127.0.0.1 9 typ host\r\n",
      );
  page = await world.open("/watch/garden");
  await until(
    async () =>
      (await page.getByTestId("player-detail").count()) > 0 &&
      (await text("player-detail")).includes("--lan"),
    15_000,
  );
  expect(await page.locator("banyan-player").getAttribute("data-reason")).toBe("ice-loopback");
});

test("moves to another node without a gap", async () => {
  const other = await FakeNode.start("node-two");
  other.robot = world.robot;
  other.setStream("garden", "live");
  try {
    page = await world.open("/watch/garden");
    await state("playing");
    const gap = page.evaluate(async () => {
      const root = document.querySelector("banyan-player")?.shadowRoot;
      let black = 0;
      for (let i = 0; i < 120; i += 1) {
        const video = root?.querySelector<HTMLVideoElement>("video:not(.spare)");
        if (!video?.videoWidth) black += 1;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      return black;
    });
    world.node.move("garden", other.url);
    await until(async () => other.sessions("whep").length === 1);
    await until(() => world.node.sessions("whep").length === 0);
    expect(await gap).toBe(0);
    await until(async () => {
      return (
        (await page.locator("banyan-player").evaluate((it: BanyanPlayer) => it.servedBy)) ===
        other.url
      );
    });
    expect(await page.locator("banyan-player").getAttribute("data-state")).toBe("playing");
    const before = await frames();
    await until(async () => (await frames()) > before + 5);
  } finally {
    await page.close();
    await other.stop();
  }
});

test("reconnects when the node forgets the session, and to a neighbour when the node dies", async () => {
  const other = await FakeNode.start("node-two");
  other.robot = world.robot;
  other.setStream("garden", "live");
  const dying = await FakeNode.start("node-one");
  dying.robot = world.robot;
  dying.setStream("garden", "live");
  dying.info = {
    ...dying.info,
    peers: [{ nodeId: "node-two", http: other.url, linked: true, rttMs: 1, loss: 0 }],
  };
  try {
    page = await world.open(`${dying.url}/watch/garden`);
    await state("playing");
    const [id] = dying.sessions("whep");
    await until(() => dying.seen.some(({ path }) => path === "/api/v1/node"));
    dying.kill();
    await world.robot.close(id ?? "");
    // Well before ICE gives up: the events' line broke, and nothing answers.
    await until(() => other.sessions("whep").length === 1, 8_000);
    await state("playing");
  } finally {
    await page.close();
    await other.stop();
    await dying.stop();
  }
}, 120_000);

test("obeys keys and says what it does", async () => {
  page = await world.open("/watch/garden");
  await state("playing");
  const video = page.getByTestId("player-video");
  const muted = () => video.evaluate((it) => (it as HTMLVideoElement).muted);
  expect(await muted()).toBe(true);
  await page.getByTestId("unmute").click();
  expect(await muted()).toBe(false);
  await page.getByTestId("player").focus();
  await page.keyboard.press("m");
  await until(muted);
  await page.keyboard.press("Space");
  await until(() => video.evaluate((it) => (it as HTMLVideoElement).paused));
  expect(await page.getByTestId("player-announce").textContent()).toContain("Paused");
  await page.keyboard.press("k");
  await until(() => video.evaluate((it) => !(it as HTMLVideoElement).paused));
  await page.keyboard.press("s");
  expect(await text("player-stats")).toContain("Round trip");
  await page.keyboard.press("f");
  await until(() => page.evaluate(() => document.fullscreenElement !== null));
  await page.keyboard.press("f");
});

test("offers the sizes of the picture, and keeps to the choice in the next session", async () => {
  const { node } = world;
  const active = [
    { id: "f", simulcastIdx: 2, width: 1280, height: 720 },
    { id: "h", simulcastIdx: 1, width: 640, height: 360 },
  ];
  node.layers = { "1": { active, inactive: [{ id: "q", simulcastIdx: 0 }], layers: [] } };
  const posted = () =>
    node.seen
      .filter(({ method, path }) => method === "POST" && path.endsWith("/layer"))
      .map(({ body }) => body);
  try {
    page = await world.open("/watch/garden#token=let-me-in");
    await state("playing");
    const quality = page.getByRole("combobox", { name: "Quality" });
    await until(() => quality.isVisible());
    const names = () => quality.locator("option").allInnerTexts();
    expect(await names()).toEqual(["Auto", "720p", "360p", "Low"]);
    expect(await quality.inputValue()).toBe("");

    // By keyboard; the player's own keys leave the menu alone.
    const video = page.getByTestId("player-video");
    const volume = await video.evaluate((it) => (it as HTMLVideoElement).volume);
    await quality.focus();
    await page.keyboard.press("3");
    await until(() => posted().length === 1);
    expect(posted()).toEqual(['{"encodingId":"h"}']);
    expect(await video.evaluate((it) => (it as HTMLVideoElement).volume)).toBe(volume);
    const post = node.seen.find(({ path }) => path.endsWith("/layer"));
    expect(post?.headers.authorization).toBe("Bearer let-me-in");

    // What the node refuses is not shown as chosen; the menu asks for what there is now.
    node.layers = { "1": { active: [...active, { id: "gone", simulcastIdx: 0 }] } };
    await quality.blur();
    await quality.focus();
    await until(async () => (await quality.locator('option[value="gone"]').count()) === 1);
    await quality.selectOption("gone");
    await until(async () => (await quality.inputValue()) === "");
    await quality.selectOption("h");
    await until(() => posted().length === 3);

    const [session] = node.sessions("whep");
    node.forgetSessions();
    await world.robot.close(session ?? "");
    await until(() => posted().length === 4, 60_000);
    expect(posted()[3]).toBe('{"encodingId":"h"}');
    await state("playing");
    expect(await quality.inputValue()).toBe("h");

    await quality.selectOption({ label: "Auto" });
    await until(() => posted().length === 5);
    expect(posted()[4]).toBe("{}");
  } finally {
    node.layers = undefined;
  }
}, 120_000);

test("has no menu where there is one size only", async () => {
  world.node.layers = { "1": { active: [{ id: "0", simulcastIdx: 0 }], inactive: [] } };
  try {
    page = await world.open("/watch/garden");
    await state("playing");
    await until(() => world.node.seen.some(({ path }) => path.endsWith("/layer")));
    expect(await page.getByTestId("quality").count()).toBe(0);
  } finally {
    world.node.layers = undefined;
  }
});

test("ends its session when the page is left", async () => {
  page = await world.open("/watch/garden");
  await state("playing");
  await page.goto(`${world.node.url}/`);
  await until(() => world.node.sessions("whep").length === 0);
});

test.each([
  "disconnected",
  "failed",
])("restarts ICE when the path is %s, and keeps the session", async (broken) => {
  const context = await world.browser.newContext();
  await context.addInitScript(() => {
    const all: RTCPeerConnection[] = [];
    Object.assign(window, { all });
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        all.push(this);
      }
    };
  });
  page = await world.open("/watch/garden", context);
  await state("playing");
  const ufrag = () =>
    page.evaluate(() => {
      const [pc] = (window as unknown as { all: RTCPeerConnection[] }).all;
      return /ice-ufrag:(\S+)/.exec(pc?.currentRemoteDescription?.sdp ?? "")?.[1];
    });
  const before = await ufrag();
  // As after a change of network: the browser says so once, ICE does the rest.
  await page.evaluate((broken) => {
    const [pc] = (window as unknown as { all: RTCPeerConnection[] }).all;
    if (!pc) throw new Error("no connection");
    Object.defineProperty(pc, "connectionState", { value: broken, configurable: true });
    pc.dispatchEvent(new Event("connectionstatechange"));
    Reflect.deleteProperty(pc, "connectionState");
  }, broken);
  const patch = await until(() => world.node.seen.find(({ method }) => method === "PATCH"));
  expect(patch.headers["if-match"]).toBe("*");
  expect(patch.headers["content-type"]).toBe("application/trickle-ice-sdpfrag");
  expect(patch.body).toMatch(/^a=ice-ufrag:/);
  await until(async () => (await ufrag()) !== before);
  const shown = await frames();
  await until(async () => (await frames()) > shown + 30);
  await state("playing");
  expect(world.node.seen.filter(({ method }) => method === "POST")).toHaveLength(1);
  await context.close();
});
