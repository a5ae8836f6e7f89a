export interface BackoffOptions {
  /** First delay before jitter; 300 by default. */
  readonly firstMs?: number;
  /** Upper bound of a delay before jitter; 8,000 by default. */
  readonly maxMs?: number;
  /** Tries before giving up; 40 by default (about five minutes). */
  readonly triesMax?: number;
  /** In [0, 1). */
  readonly random?: () => number;
}

/**
 * Delays between tries: doubling, bounded, and spread by jitter so that viewers who lost the same
 * node do not come back in step.
 */
export class Backoff {
  readonly #options: Required<BackoffOptions>;
  #tries = 0;

  constructor(options: BackoffOptions = {}) {
    this.#options = { firstMs: 300, maxMs: 8_000, triesMax: 40, random: Math.random, ...options };
  }

  /** Tries since the last success. */
  get tries(): number {
    return this.#tries;
  }

  /**
   * The next delay in milliseconds, at least `retryAfterMs` where the node gave one; undefined when
   * all tries are used up.
   */
  next(retryAfterMs?: number): number | undefined {
    const { firstMs, maxMs, triesMax, random } = this.#options;
    if (this.#tries >= triesMax) return undefined;
    const doubled = Math.min(firstMs * 2 ** this.#tries, maxMs);
    this.#tries += 1;
    // The first half is certain, the second random: quick, and never all at once.
    const own = doubled / 2 + (doubled / 2) * random();
    if (retryAfterMs === undefined) return own;
    return Math.max(own, retryAfterMs * (1 + 0.2 * random()));
  }

  /** To be called after success. */
  reset(): void {
    this.#tries = 0;
  }
}

/** Resolves after `ms`, or at once when `wake` resolves; rejects when `signal` aborts. */
export function sleep(ms: number, signal: AbortSignal, wake?: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", aborted);
      resolve();
    };
    const aborted = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", aborted, { once: true });
    wake?.then(done, () => undefined);
  });
}
