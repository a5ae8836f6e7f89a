/** Why something did not work; a caller can switch over it without a default. */
export type ErrorReason =
  /** The browser has no WebRTC. */
  | "unsupported"
  /** The stream name is not `name` or `channel/name` of `[A-Za-z0-9_-]{1,64}`. */
  | "bad-name"
  /** 400, 406, 413, 415: the node does not take what we sent. */
  | "bad-request"
  /** 401: a token is missing or expired. */
  | "unauthorized"
  /** 403: the token is for something else. */
  | "forbidden"
  /** 404: nobody knows the stream. */
  | "unknown-stream"
  /** 409: the stream is known, its broadcaster is not there. */
  | "not-live"
  /** 422: the browser and the stream share no codec. */
  | "no-common-codec"
  /** 429. */
  | "rate-limited"
  /** 503: the node is full or going down. */
  | "unavailable"
  /** Any other status. */
  | "server"
  /** No answer over HTTP at all. */
  | "network"
  /** The node takes no HTTP and sends no packet any more. */
  | "node-gone"
  /** The answer took too long. */
  | "timeout"
  /** The answer is not SDP that this browser takes. */
  | "bad-answer"
  /** No UDP path was found, or it broke. */
  | "ice-failed"
  /** As ice-failed, and the node offers loopback addresses only, which some browsers refuse. */
  | "ice-loopback"
  /** Connected, and nothing came for long although the stream is live. */
  | "stalled"
  /** The node ended the session. */
  | "session-gone"
  /** Somebody else with the right to publish took the stream over. */
  | "replaced";

/** Reasons that another try does not cure: only a person can. */
const FINAL: ReadonlySet<ErrorReason> = new Set([
  "unsupported",
  "bad-name",
  "bad-request",
  "unauthorized",
  "forbidden",
  "no-common-codec",
  "replaced",
]);

/** An error with a reason, and the node's own sentence where it gave one. */
export class BanyanError extends Error {
  override readonly name = "BanyanError";

  constructor(
    readonly reason: ErrorReason,
    /** One sentence to act on: the node's `detail`, or ours. */
    readonly detail: string,
    readonly more: { status?: number; retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(`${reason}: ${detail}`, { cause: more.cause });
  }

  /** HTTP status, where the node answered. */
  get status(): number | undefined {
    return this.more.status;
  }

  /** What the node asked us to wait, in milliseconds. */
  get retryAfterMs(): number | undefined {
    return this.more.retryAfterMs;
  }

  /** True where trying again without a person's help makes no sense. */
  get final(): boolean {
    return FINAL.has(this.reason);
  }
}

/** Anything that was thrown, as a BanyanError. What is not one already came from `fetch`. */
export function toBanyanError(thrown: unknown): BanyanError {
  if (thrown instanceof BanyanError) return thrown;
  if (thrown instanceof DOMException && thrown.name === "TimeoutError") {
    return new BanyanError("timeout", "The node did not answer in time.", { cause: thrown });
  }
  return new BanyanError("network", "The node cannot be reached. Check your connection.", {
    cause: thrown,
  });
}
