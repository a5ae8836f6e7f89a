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
}

/** The studio page, on air with the fake camera at 30 frames a second. */
export class Studio {
  private constructor(readonly page: Page) {}

  static async goLive(browser: Browser, url: string, broadcast: Broadcast): Promise<Studio> {
    const page = await open(browser, `${url}#stream=${STREAM}`);
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

  /** Off air as a person does it, with the button. */
  async stop(): Promise<void> {
    await this.page.getByTestId("stop").click();
    await until(async () => (await this.state()) === "idle", 5_000);
    await this.page.context().close();
  }
}
