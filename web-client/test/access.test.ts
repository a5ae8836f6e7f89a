import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until, World } from "./world.js";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let world: World;

beforeAll(async () => {
  world = await World.start();
  world.node.setStream("garden", "live");
  world.node.setStream("club/late-night-radio", "waiting");
});
afterAll(() => world.stop());

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate(async () => {
    const axe = (window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } }).axe;
    return (await axe.run()).violations;
  });
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

const PAGES = ["/", "/watch/garden", "/watch/nobody", "/studio#stream=porch", "/node"];

test.each(["light", "dark"] as const)("pages are accessible, %s", async (colorScheme) => {
  const context = await world.browser.newContext({ colorScheme, bypassCSP: true });
  for (const path of PAGES) {
    const page = await world.open(path, context);
    if (path === "/watch/garden") await until(() => page.getByTestId("unmute").count());
    else await until(() => page.locator("h1").count());
    expect(await violations(page), path).toEqual([]);
    await page.close();
  }
  await context.close();
});

test("nothing is wider than a small phone", async () => {
  const context = await world.browser.newContext({ viewport: { width: 320, height: 640 } });
  for (const path of PAGES) {
    const page = await world.open(path, context);
    await until(() => page.locator("h1").count());
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width, path).toBeLessThanOrEqual(320);
    await page.close();
  }
  await context.close();
});

test("the first Tab leads past the navigation", async () => {
  const page = await world.open("/");
  await page.keyboard.press("Tab");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
  await page.keyboard.press("Enter");
  expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
  await page.close();
});
