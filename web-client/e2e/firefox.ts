import { existsSync } from "node:fs";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import type { Driven } from "./bare.js";
import { remember } from "./browser.js";

const FIREFOX = [process.env["FIREFOX"], "/usr/bin/firefox-esr", "/usr/bin/firefox"].find(
  (path) => path !== undefined && existsSync(path),
);

/** The system's Firefox with a fresh profile, a fake camera and a fake microphone, over WebDriver BiDi. */
export function launchFirefox(): Promise<Browser> {
  if (!FIREFOX) throw new Error("Firefox is missing: install it, or set FIREFOX to its path.");
  return puppeteer.launch({
    browser: "firefox",
    executablePath: FIREFOX,
    headless: true,
    extraPrefsFirefox: {
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.autoplay.default": 0,
    },
  });
}

/** A page of Firefox. */
export class FirefoxPage implements Driven {
  private constructor(readonly page: Page) {}

  static async open(firefox: Browser, url: string): Promise<FirefoxPage> {
    const page = await firefox.newPage();
    await page.evaluateOnNewDocument(remember);
    await page.goto(url);
    return new FirefoxPage(page);
  }

  async evaluate<Arg, R>(run: (arg: Arg) => R | Promise<R>, arg: Arg): Promise<R> {
    return (await this.page.evaluate(run as (it: unknown) => R | Promise<R>, arg)) as R;
  }

  close(): Promise<void> {
    return this.page.close();
  }
}
