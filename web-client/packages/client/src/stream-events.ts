import { type RequestOptions, request } from "./api.js";
import { Backoff, sleep } from "./backoff.js";
import { toBanyanError } from "./errors.js";
import { baseUrl, eventsUrl, type Place } from "./links.js";
import { readStreamInfo, type StreamInfo } from "./model.js";
import { SseParser } from "./sse.js";

/** What a node tells somebody who watches a stream. */
export type StreamEvent =
  | { readonly type: "state"; readonly stream: StreamInfo }
  /** This node is going down: play from `node` instead. */
  | { readonly type: "move"; readonly node: string };

/** One event off the wire; undefined for kinds of a newer node and for what is broken. */
export function readStreamEvent(type: string, data: string): StreamEvent | undefined {
  try {
    const value: unknown = JSON.parse(data);
    if (type === "state") return { type, stream: readStreamInfo(value) };
    if (type !== "move") return undefined;
    const { http } = value as { http?: unknown };
    return typeof http === "string" ? { type, node: baseUrl(http) } : undefined;
  } catch {
    return undefined;
  }
}

export interface FollowOptions {
  readonly token?: string | undefined;
  readonly signal: AbortSignal;
  /** Called when the line ends without our doing: the first sign of a node that died. */
  readonly broken?: () => void;
}

/**
 * Follows a stream's events until `signal` aborts, connecting again as needed. Over `fetch`, since
 * EventSource cannot send a token. Resolves when aborted, or when the node has no events for us
 * (no such stream, no right, no such API).
 */
export async function followStream(
  place: Place,
  listener: (event: StreamEvent) => void,
  { token, signal, broken }: FollowOptions,
): Promise<void> {
  const backoff = new Backoff({ firstMs: 500, maxMs: 10_000, triesMax: 1_000 });
  while (!signal.aborted) {
    let retryAfterMs: number | undefined;
    try {
      await readEvents(eventsUrl(place), { token, signal }, (event) => {
        backoff.reset();
        listener(event);
      });
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toBanyanError(thrown);
      if (error.final || error.reason === "unknown-stream") return;
      retryAfterMs = error.retryAfterMs;
    }
    if (signal.aborted) return;
    broken?.();
    const delayMs = backoff.next(retryAfterMs);
    if (delayMs === undefined) return;
    await sleep(delayMs, signal).catch(() => undefined);
  }
}

async function readEvents(
  url: string,
  options: RequestOptions,
  listener: (event: StreamEvent) => void,
): Promise<void> {
  const response = await request(url, { headers: { accept: "text/event-stream" } }, options);
  if (!response.body) return;
  const parser = new SseParser();
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const { type, data } of parser.push(decoder.decode(value, { stream: true }))) {
      const event = readStreamEvent(type, data);
      if (event) listener(event);
    }
  }
}
