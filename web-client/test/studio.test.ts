import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { until, World } from "./world.js";

let world: World;
let page: Page;

beforeAll(async () => {
  world = await World.start();
  await world.context.grantPermissions(["camera", "microphone"], { origin: world.node.url });
});
afterAll(() => world.stop());
beforeEach(() => {
  world.node.refusal = undefined;
  world.node.seen.length = 0;
});
afterEach(async () => {
  await page?.close();
  expect(world.complaints.splice(0)).toEqual([]);
});

const text = (id: string) => page.getByTestId(id).first().innerText();
const state = (kind: string, ms?: number) =>
  until(
    async () => (await page.getByTestId("studio-state").getAttribute("data-state")) === kind,
    ms,
  );
const posts = () => world.node.seen.filter(({ method }) => method === "POST");

test("sends the test pattern, and a second page watches it through the share link", async () => {
  page = await world.open("/studio#token=key-1&stream=porch");
  expect(await page.getByTestId("stream-name").inputValue()).toBe("porch");
  await page.getByTestId("source-select").selectOption("pattern");
  await page.getByTestId("height-select").selectOption("360");
  await page.getByTestId("preview-video").waitFor();
  await page.getByTestId("go-live").click();
  await state("live");
  await until(async () => /bit\/s/.test(await text("bitrate")));
  await until(async () => Number(await page.getByTestId("fps").getAttribute("data-value")) > 20);
  await until(async () => (await text("resolution")) === "640 × 360");
  await until(
    async () => (await text("level-words")) === "Good" || (await text("level-words")) === "Quiet",
  );
  expect(posts()[0]?.headers.authorization).toBe("Bearer key-1");

  const link = await page.getByTestId("share-link").inputValue();
  expect(link).toBe(`${world.node.url}/watch/porch`);
  const watch = await world.open(link);
  await watch.bringToFront();
  const seen = () =>
    watch
      .getByTestId("player-video")
      .evaluate((it) => (it as HTMLVideoElement).getVideoPlaybackQuality().totalVideoFrames);
  await until(async () => (await seen()) > 5);
  // The studio is hidden now. A page that the browser slows down paints once a second; this one goes
  // on, at thirty frames a second on a machine that is not busy.
  const before = await seen();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  expect((await seen()) - before).toBeGreaterThan(10);
  await watch.close();

  await page.getByTestId("stop").click();
  await state("idle");
  await until(() => world.node.sessions("whip").length === 0);
}, 120_000);

test("sends the camera in three sizes with the chosen codec", async () => {
  page = await world.open("/studio#stream=porch");
  await page.getByTestId("source-select").selectOption("camera");
  await page.getByTestId("height-select").selectOption("720");
  await page.getByTestId("codec-select").selectOption("VP9");
  await page.getByTestId("simulcast").check();
  await page.getByTestId("preview").click();
  await page.getByTestId("preview-video").waitFor();
  await until(
    async () => (await page.getByTestId("cameraId-select").locator("option").count()) > 1,
  );
  await page.getByTestId("go-live").click();
  await state("live");
  const offer = posts()[0]?.body ?? "";
  expect(offer).toContain("a=simulcast:send q;h;f");
  const video = offer.slice(offer.indexOf("m=video"));
  const first = /^m=video \d+ \S+ (\d+)/.exec(video)?.[1];
  expect(video).toContain(`a=rtpmap:${first} VP9/90000`);
  await page.getByTestId("bitrate-range").fill("1000");
  await page.getByTestId("source-select").selectOption("pattern");
  await until(async () => Number(await page.getByTestId("fps").getAttribute("data-value")) > 15);
  // Another source, and still the same session.
  expect(posts()).toHaveLength(1);
});

test("shares a screen", async () => {
  page = await world.open("/studio#stream=porch");
  await page.getByTestId("source-select").selectOption("screen");
  await page.getByTestId("go-live").click();
  // Headless Chromium has no screen on some machines: then the page must say so.
  await until(async () => {
    const kind = await page.getByTestId("studio-state").getAttribute("data-state");
    return kind === "live" || (await page.getByTestId("studio-trouble").count()) > 0;
  });
});

test("says why it is not live", async () => {
  page = await world.open("/studio");
  await page.getByTestId("stream-name").fill("not a name");
  await page.getByTestId("go-live").click();
  expect(await text("studio-trouble")).toContain("name");

  await page.getByTestId("stream-name").fill("porch");
  await page.getByTestId("source-select").selectOption("pattern");
  world.node.refusal = { status: 401, title: "No", detail: "Send a token that may publish porch." };
  await page.getByTestId("go-live").click();
  await state("refused");
  expect(await text("studio-trouble")).toContain("Send a token that may publish porch.");
  expect(await page.getByTestId("token").isVisible()).toBe(true);
});

test("says what to do when the camera is not allowed", async () => {
  const context = await world.browser.newContext();
  await context.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = () =>
      Promise.reject(new DOMException("no", "NotAllowedError"));
  });
  page = await world.open("/studio#stream=porch", context);
  await page.getByTestId("source-select").selectOption("camera");
  await page.getByTestId("preview").click();
  await until(async () => (await page.getByTestId("studio-trouble").count()) > 0);
  expect(await text("studio-trouble")).toContain("Allow it in the address bar");
  await context.close();
});

test("does not throw out the one who took the stream over", async () => {
  page = await world.open("/studio#stream=porch");
  await page.getByTestId("source-select").selectOption("pattern");
  await page.getByTestId("go-live").click();
  await state("live");
  const [id] = world.node.sessions("whip");
  world.node.forgetSessions();
  world.node.setStream("porch", "live", { epoch: 2 });
  await world.robot.close(id ?? "");
  await state("refused", 60_000);
  expect(await page.getByTestId("studio-state").getAttribute("data-reason")).toBe("replaced");
  expect(await text("studio-trouble")).toContain("take the stream back");
}, 120_000);
