import { expect, test, vi } from "vitest";
import { Backoff, sleep } from "../src/backoff.js";

test("delays double up to a bound, between half and all of it", () => {
  const low = new Backoff({ firstMs: 100, maxMs: 1_000, random: () => 0 });
  const high = new Backoff({ firstMs: 100, maxMs: 1_000, random: () => 0.999999 });
  expect([1, 2, 3, 4, 5, 6].map(() => low.next())).toEqual([50, 100, 200, 400, 500, 500]);
  expect([1, 2, 3, 4, 5, 6].map(() => Math.round(high.next() ?? 0))).toEqual([
    100, 200, 400, 800, 1000, 1000,
  ]);
});

test("gives up after so many tries, and starts afresh after success", () => {
  const backoff = new Backoff({ triesMax: 3 });
  const all = [1, 2, 3, 4].map(() => backoff.next());
  expect(all.slice(0, 3).every((delay) => delay !== undefined)).toBe(true);
  expect(all[3]).toBeUndefined();
  backoff.reset();
  expect(backoff.next()).toBeDefined();
});

test("never comes back before Retry-After, and not with all the others", () => {
  expect(new Backoff({ random: () => 0 }).next(5_000)).toBe(5_000);
  expect(new Backoff({ random: () => 0.5 }).next(5_000)).toBe(5_500);
});

test("sleep ends by time, by waking, by abort", async () => {
  vi.useFakeTimers();
  try {
    const never = new AbortController().signal;
    let slept = false;
    void sleep(1_000, never).then(() => (slept = true));
    await vi.advanceTimersByTimeAsync(999);
    expect(slept).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(slept).toBe(true);

    await sleep(1e9, never, Promise.resolve());

    const abort = new AbortController();
    const aborted = expect(sleep(1e9, abort.signal)).rejects.toThrow("enough");
    abort.abort(new Error("enough"));
    await aborted;
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});
