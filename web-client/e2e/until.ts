type Maybe<T> = T | false | undefined | null;

/** Polls until `probe` gives something; `why` completes the error when it never does. */
export async function until<T>(
  probe: () => Promise<Maybe<T>> | Maybe<T>,
  ms: number,
  why: () => string | Promise<string> = () => probe.toString(),
  everyMs = 25,
): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${ms} ms: ${await why()}`);
    await pause(everyMs);
  }
}

/** For windows in which something is observed, and between two looks; never to hope that it is done. */
export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));
