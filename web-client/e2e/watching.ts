import type { BanyanPlayer } from "@banyan/player";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { open } from "./browser.js";
import { until } from "./until.js";

/** What the browser counted for the present session, from `getStats`. */
export interface Received {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly freezeCount: number;
  readonly freezesMs: number;
  readonly packetsLost: number;
  readonly nacks: number;
  readonly keyframes: number;
  /** Sum over all frames of the time that they waited for their turn, and their number. */
  readonly jitterBufferMs: number;
  readonly jitterBufferFrames: number;
  readonly audioEnergy: number;
  /** Of the page's video element. */
  readonly currentTime: number;
  readonly presentedFrames: number;
}

/** A watch page in the browser. */
export class Watching {
  private constructor(readonly page: Page) {}

  static async open(
    browser: Browser,
    url: string,
    options: BrowserContextOptions = {},
  ): Promise<Watching> {
    const page = await open(browser, url, options);
    await page.evaluate(recordFrames);
    return new Watching(page);
  }

  /** The player's state, and why. */
  async state(): Promise<string> {
    const player = this.page.locator("banyan-player");
    const [state, reason] = await Promise.all([
      player.getAttribute("data-state"),
      player.getAttribute("data-reason"),
    ]);
    return reason ? `${state} (${reason})` : String(state);
  }

  /** Milliseconds until the picture moved, from now. */
  async playing(ms = 20_000): Promise<number> {
    const since = Date.now();
    await until(
      async () => (await this.framesSince(since)).length > 5,
      ms,
      async () => `no picture; the player is ${await this.state()}`,
    );
    return ((await this.framesSince(since))[0] ?? Number.NaN) - since;
  }

  /** When frames were presented since then, epoch ms. */
  framesSince(sinceMs: number): Promise<number[]> {
    return this.page.evaluate((it) => window.banyanFrames.filter((at) => at >= it), sinceMs);
  }

  async received(): Promise<Received> {
    const found = await this.page.evaluate(received);
    if (!found) throw new Error(`no media yet; the player is ${await this.state()}`);
    return found;
  }

  /**
   * Waits until the browser plays at its usual distance. It takes the first sound seconds before its
   * audio output runs, holds the picture back to match, and makes up for both slowly.
   */
  async settled(ms = 40_000): Promise<void> {
    const waits: number[] = [];
    let before = await this.received();
    await until(
      async () => {
        const after = await this.received();
        waits.push(meanWaitMs(before, after));
        before = after;
        const [now, earlier] = [waits.at(-1), waits.at(-4)];
        return now !== undefined && earlier !== undefined && Math.abs(now - earlier) < 10;
      },
      ms,
      () => `the wait in the jitter buffer went ${waits.map(Math.round).join(", ")} ms`,
      1_000,
    );
  }

  /** What the player says over the picture. */
  async words(): Promise<string> {
    // At once, whether it is there or has just gone.
    const titles = await this.page.getByTestId("player-state").allInnerTexts();
    return titles[0] ?? "";
  }

  /** How many sessions this page has opened since it was loaded; a reload would start over. */
  peers(): Promise<number> {
    return this.page.evaluate(() => window.banyanPeers.length);
  }

  /** Tells the page what its browser tells after a change of network. */
  losesPath(): Promise<void> {
    return this.page.evaluate(() => {
      const peer = window.banyanPeers.at(-1);
      if (!peer) throw new Error("no session");
      Object.defineProperty(peer, "connectionState", { value: "disconnected", configurable: true });
      peer.dispatchEvent(new Event("connectionstatechange"));
      Reflect.deleteProperty(peer, "connectionState");
    });
  }

  /** The ICE name that the node goes by now. */
  remoteUfrag(): Promise<string | undefined> {
    return this.page.evaluate(
      () =>
        /a=ice-ufrag:(\S+)/.exec(
          window.banyanPeers.at(-1)?.currentRemoteDescription?.sdp ?? "",
        )?.[1],
    );
  }

  connection(): Promise<string | undefined> {
    return this.page.evaluate(() => window.banyanPeers.at(-1)?.connectionState);
  }

  /** Base URL of the node that serves the picture now. */
  servedBy(): Promise<string | undefined> {
    return this.page.evaluate(
      () => document.querySelector<BanyanPlayer>("banyan-player")?.servedBy,
    );
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }
}

function recordFrames(): void {
  const player = document.querySelector("banyan-player");
  for (const video of player?.shadowRoot?.querySelectorAll("video") ?? []) {
    const next = () =>
      video.requestVideoFrameCallback((_now, { expectedDisplayTime }) => {
        window.banyanFrames.push(performance.timeOrigin + expectedDisplayTime);
        if (window.banyanFrames.length > 20_000) window.banyanFrames.splice(0, 10_000);
        next();
      });
    next();
  }
}

/** Mean wait in the jitter buffer between two looks, in milliseconds. */
export function meanWaitMs(before: Received, after: Received): number {
  const frames = after.jitterBufferFrames - before.jitterBufferFrames;
  return frames > 0 ? (after.jitterBufferMs - before.jitterBufferMs) / frames : Number.NaN;
}

async function received(): Promise<Received | undefined> {
  const peer = window.banyanPeers.findLast((it) => it.connectionState !== "closed");
  const video = document.querySelector<BanyanPlayer>("banyan-player")?.video;
  if (!peer || !video) return undefined;
  const report = [...((await peer.getStats()) as unknown as Map<string, Stat>).values()];
  const inbound = (kind: string) =>
    report.find((it) => it["type"] === "inbound-rtp" && it["kind"] === kind);
  const [picture, sound] = [inbound("video"), inbound("audio")];
  const codec = report.find((it) => it["id"] === picture?.["codecId"]);
  const number = (stat: Stat | undefined, key: string) => Number(stat?.[key] ?? 0);
  return {
    codec: String(codec?.["mimeType"] ?? "").replace("video/", ""),
    width: number(picture, "frameWidth"),
    height: number(picture, "frameHeight"),
    framesDecoded: number(picture, "framesDecoded"),
    framesDropped: number(picture, "framesDropped"),
    freezeCount: number(picture, "freezeCount"),
    freezesMs: number(picture, "totalFreezesDuration") * 1000,
    packetsLost: number(picture, "packetsLost") + number(sound, "packetsLost"),
    nacks: number(picture, "nackCount"),
    keyframes: number(picture, "keyFramesDecoded"),
    jitterBufferMs: number(picture, "jitterBufferDelay") * 1000,
    jitterBufferFrames: number(picture, "jitterBufferEmittedCount"),
    audioEnergy: number(sound, "totalAudioEnergy"),
    currentTime: video.currentTime,
    presentedFrames: window.banyanFrames.length,
  };
}

type Stat = Record<string, unknown>;
