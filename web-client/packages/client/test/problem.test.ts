import { expect, test } from "vitest";
import { BanyanError, toBanyanError } from "../src/errors.js";
import { errorOf, parseRetryAfter, reasonOf } from "../src/problem.js";

test.each([
  [400, "bad-request"],
  [401, "unauthorized"],
  [403, "forbidden"],
  [404, "unknown-stream"],
  [409, "not-live"],
  [413, "bad-request"],
  [415, "bad-request"],
  [422, "no-common-codec"],
  [429, "rate-limited"],
  [500, "server"],
  [503, "unavailable"],
] as const)("%i is %s", (status, reason) => {
  expect(reasonOf(status)).toBe(reason);
});

test("Retry-After is seconds or a date, and never more than a minute", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(parseRetryAfter("3", now)).toBe(3_000);
  expect(parseRetryAfter("Thu, 01 Jan 2026 00:00:07 GMT", now)).toBe(7_000);
  expect(parseRetryAfter("Thu, 01 Jan 2020 00:00:00 GMT", now)).toBe(0);
  expect(parseRetryAfter("86400", now)).toBe(60_000);
  expect(parseRetryAfter("soon", now)).toBeUndefined();
  expect(parseRetryAfter("", now)).toBeUndefined();
  expect(parseRetryAfter(null, now)).toBeUndefined();
});

test("an error carries the node's sentence, reason and wait", async () => {
  const body = JSON.stringify({ title: "Conflict", status: 409, detail: "Come back later." });
  const error = await errorOf(
    new Response(body, { status: 409, headers: { "retry-after": "2" } }),
    0,
  );
  expect(error.reason).toBe("not-live");
  expect(error.detail).toBe("Come back later.");
  expect(error.retryAfterMs).toBe(2_000);
  expect(error.final).toBe(false);
});

test.each([
  "",
  "<html>",
  "[]",
  "null",
  '{"detail":7}',
  '{"detail":""}',
])("a body of %j does not keep the status from being told", async (body) => {
  const error = await errorOf(new Response(body, { status: 403 }), 0);
  expect(error.reason).toBe("forbidden");
  expect(error.detail).toContain("403");
  expect(error.final).toBe(true);
});

test("what fetch throws is a network error, what timed out a timeout", () => {
  expect(toBanyanError(new TypeError("fetch failed")).reason).toBe("network");
  expect(toBanyanError(new DOMException("", "TimeoutError")).reason).toBe("timeout");
  const own = new BanyanError("stalled", "x");
  expect(toBanyanError(own)).toBe(own);
});
