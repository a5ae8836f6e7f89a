import type { Browser, Page } from "playwright-core";
import { open } from "./browser.js";
import { STREAM } from "./site.js";
import { until } from "./until.js";

export interface Broadcast {
  /** As the studio's choice names it; empty: the browser's own. */
  readonly codec: "" | "VP8" | "H264" | "VP9" | "AV1";
  readonly simulcast?: boolean;
  readonly height?: 360 | 720;
  readonly kbps?: number;
  readonly stream?: string;
}

/** The studio page, on air with the fake camera at 30 frames a second. */
export class Studio {
  private constructor(readonly page: Page) {}

  static async goLive(browser: Browser, url: string, broadcast: Broadcast): Promise<Studio> {
    const page = await open(browser, `${url}#stream=${broadcast.stream ?? STREAM}`);
    const studio = new Studio(page);
    const { codec, simulcast = false, height = 360, kbps = 1_000 } = broadcast;
    await page.getByTestId("source-select").selectOption("camera");
    await page.getByTestId("height-select").selectOption(String(height));
    await page.getByTestId("framesPerSecond-select").selectOption("30");
    await page.getByTestId("bitrate-range").fill(String(kbps));
    await page.getByTestId("codec-select").selectOption(codec);
    await page.getByTestId("simulcast").setChecked(simulcast);
    await page.getByTestId("go-live").click();
    await until(
      async () => (await studio.state()) === "live",
      20_000,
      async () =>
        `the studio is ${await studio.state()}: ${await page.locator("body").innerText()}`,
    );
    return studio;
  }

  state(): Promise<string | null> {
    return this.page.getByTestId("studio-state").getAttribute("data-state");
  }

  /** Sizes of the layers that are being sent, by rid: "1280x720". */
  async layers(): Promise<Map<string, string>> {
    const sent = await this.#outbound();
    return new Map(sent.map((it) => [it.rid ?? "", `${it.frameWidth}x${it.frameHeight}`]));
  }

  /** Bytes of RTP payload sent so far, by rid. */
  async sentBytes(): Promise<Map<string, number>> {
    const sent = await this.#outbound();
    return new Map(sent.map((it) => [it.rid ?? "", it.bytesSent ?? 0]));
  }

  #outbound(): Promise<LayerStat[]> {
    return this.page.evaluate(async () => {
      const report = await window.banyanPeers.at(-1)?.getStats();
      const stats = [...((report ?? new Map()) as unknown as Map<string, LayerStat>).values()];
      return stats.filter(({ type, active }) => type === "outbound-rtp" && active);
    });
  }

  /** Stops or starts one layer, as a browser does whose uplink or computer is too slow for it. */
  setLayer(rid: string, active: boolean): Promise<void> {
    return this.page.evaluate(
      async ([rid, active]) => {
        const senders = window.banyanPeers.at(-1)?.getSenders() ?? [];
        const sender = senders.find(({ track }) => track?.kind === "video");
        const parameters = sender?.getParameters();
        const encoding = parameters?.encodings.find((it) => it.rid === rid);
        if (!sender || !parameters || !encoding) throw new Error(`there is no layer ${rid}`);
        encoding.active = active;
        await sender.setParameters(parameters);
      },
      [rid, active] as const,
    );
  }

  /** Off air as a person does it, with the button. */
  async stop(): Promise<void> {
    await this.page.getByTestId("stop").click();
    await until(async () => (await this.state()) === "idle", 5_000);
    await this.page.context().close();
  }
}

interface LayerStat {
  readonly type: string;
  readonly active?: boolean;
  readonly rid?: string;
  readonly bytesSent?: number;
  readonly frameWidth?: number;
  readonly frameHeight?: number;
}
