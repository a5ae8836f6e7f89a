import { existsSync } from "node:fs";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const CHROMIUM = [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser"].find(
  (path) => path !== undefined && existsSync(path),
);

export interface Launch {
  /** Makes of the browser's path that of a program which starts it elsewhere. */
  readonly inside?: (path: string) => string;
  /** An origin without TLS that may use the camera, as loopback may. */
  readonly trusted?: string;
}

/** The system's Chromium with a fresh profile, a fake camera and a fake microphone. */
export function launch({ inside = (path) => path, trusted }: Launch = {}): Promise<Browser> {
  if (!CHROMIUM) throw new Error("Chromium is missing: install it, or set CHROMIUM to its path.");
  return chromium.launch({
    executablePath: inside(CHROMIUM),
    args: [
      "--headless=new",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream=fps=30",
      "--use-fake-ui-for-media-stream",
      "--autoplay-policy=no-user-gesture-required",
      ...(trusted ? [`--unsafely-treat-insecure-origin-as-secure=${trusted}`] : []),
    ],
  });
}

/** What a page in a test remembers of its own life; a reload would lose it. */
declare global {
  interface Window {
    /** Every peer connection that the page made, oldest first. */
    banyanPeers: RTCPeerConnection[];
    /** When (epoch ms) frames were presented, in any video of the page's player. */
    banyanFrames: number[];
  }
}

/** To be run in a page before its own scripts. */
export function remember(): void {
  window.banyanPeers = [];
  window.banyanFrames = [];
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.banyanPeers.push(this);
    }
  };
}

/** Opens a page in a context of its own; closing the page's context ends it. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: 720, height: 540 },
    permissions: ["camera", "microphone"],
    ...options,
  });
  await context.addInitScript(remember);
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

/** Ends all that a test left open, so that the next one has the machine to itself. */
export async function closePages(browser: Browser): Promise<void> {
  await Promise.all(browser.contexts().map((context) => context.close()));
}
