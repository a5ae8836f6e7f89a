import { BanyanError, type ErrorReason } from "./errors.js";

/** The longest wait that we let a node impose, in milliseconds. */
const RETRY_AFTER_MS_MAX = 60_000;

/** Reason for an HTTP status of WHIP and WHEP (RFC 9725; draft-ietf-wish-whep). */
export function reasonOf(status: number): ErrorReason {
  switch (status) {
    case 400:
    case 405:
    case 406:
    case 413:
    case 415:
      return "bad-request";
    case 401:
      return "unauthorized";
    case 403:
      return "forbidden";
    case 404:
    case 410:
      return "unknown-stream";
    case 409:
      return "not-live";
    case 422:
      return "no-common-codec";
    case 429:
      return "rate-limited";
    case 503:
      return "unavailable";
    default:
      return "server";
  }
}

/** `Retry-After` in milliseconds: seconds or an HTTP date (RFC 9110, 10.2.3). */
export function parseRetryAfter(value: string | null, nowMs: number): number | undefined {
  if (value === null || value.trim() === "") return undefined;
  const text = value.trim();
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  if (Number.isNaN(ms)) return undefined;
  return Math.min(Math.max(ms, 0), RETRY_AFTER_MS_MAX);
}

/** The error that a response of 4xx or 5xx stands for, problem+json (RFC 9457) or not. */
export async function errorOf(response: Response, nowMs: number): Promise<BanyanError> {
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"), nowMs);
  const detail = detailOf(await response.text().catch(() => ""));
  return new BanyanError(
    reasonOf(response.status),
    detail ?? `The node answered with status ${response.status}.`,
    { status: response.status, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  );
}

function detailOf(body: string): string | undefined {
  try {
    const problem: unknown = JSON.parse(body);
    if (typeof problem !== "object" || problem === null) return undefined;
    const { detail, title } = problem as { detail?: unknown; title?: unknown };
    const words = [detail, title].find((text) => typeof text === "string" && text !== "");
    return typeof words === "string" ? words.slice(0, 400) : undefined;
  } catch {
    return undefined;
  }
}
