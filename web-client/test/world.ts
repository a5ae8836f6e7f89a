import { existsSync } from "node:fs";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { FakeNode } from "./fake-node.js";
import { Robot } from "./robot.js";

const CHROMIUM = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
);

/** One Chromium, one fake node with media, and pages that complain aloud. */
export class World {
  /** What pages said that they must not say: errors, and violations of the policy. */
  readonly complaints: string[] = [];

  private constructor(
    readonly browser: Browser,
    readonly context: BrowserContext,
    readonly node: FakeNode,
    readonly robot: Robot,
  ) {}

  static async start(): Promise<World> {
    if (!CHROMIUM) throw new Error("Chromium is missing: install it, or set CHROMIUM to its path.");
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // Without multicast nobody resolves .local names.
        "--disable-features=WebRtcHideLocalIpsWithMdns",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--auto-select-desktop-capture-source=Entire screen",
      ],
    });
    const node = await FakeNode.start();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
    const robot = await Robot.start(await context.newPage(), `${node.url}/blank`);
    node.robot = robot;
    return new World(browser, context, node, robot);
  }

  /** A page at a path of the fake node, or at a whole address. */
  async open(path: string, context = this.context): Promise<Page> {
    const page = await context.newPage();
    page.on("pageerror", (error) => this.complaints.push(`${path}: ${error.message}`));
    page.on("console", (message) => {
      if (/Content Security Policy|Permissions policy/i.test(message.text())) {
        this.complaints.push(`${path}: ${message.text()}`);
      }
    });
    await page.goto(path.startsWith("http") ? path : this.node.url + path);
    return page;
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.node.stop();
  }
}

/** Polls until `probe` gives something that is not false; its last value is in the error. */
export async function until<T>(
  probe: () => Promise<T | false | undefined | null> | T | false | undefined | null,
  ms = 30_000,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${probe.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
}
