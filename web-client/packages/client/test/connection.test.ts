import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { BackoffOptions } from "../src/backoff.js";
import { Connection, type ConnectionInput } from "../src/connection.js";
import { BanyanError } from "../src/errors.js";
import type { Place } from "../src/links.js";
import type { PeerSession } from "../src/peer-session.js";

/** A session without media: tests say when it is lost. */
class FakeSession {
  closed = false;
  lose: (error: BanyanError) => void = () => undefined;
  readonly lost = new Promise<BanyanError>((resolve) => (this.lose = resolve));
  close(): void {
    this.closed = true;
  }
}

/** A connection whose node does what tests say. */
class FakeConnection extends Connection<Record<string, never>> {
  readonly inputs: string[] = [];
  readonly sessions: FakeSession[] = [];
  readonly openedAt: number[] = [];
  answer: () => BanyanError | undefined = () => undefined;

  constructor(backoff?: BackoffOptions) {
    super({ place: undefined, url: "http://node.example/whep/x", token: undefined, backoff });
  }
  protected endpoint(place: Place): string {
    return place.node;
  }
  protected async open(): Promise<PeerSession> {
    this.openedAt.push(Date.now());
    const error = this.answer();
    if (error) throw error;
    const session = new FakeSession();
    this.sessions.push(session);
    return session as unknown as PeerSession;
  }
  protected told(input: ConnectionInput): void {
    this.inputs.push("error" in input ? `${input.type}:${input.error.reason}` : input.type);
  }
  protected toldInfo(): void {}
  protected present(): void {}
  protected async ready(): Promise<void> {}
  protected async judge(error: BanyanError): Promise<BanyanError> {
    return error;
  }
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("opens another session when one is lost, and ends the old", async () => {
  const connection = new FakeConnection();
  connection.start();
  await vi.advanceTimersByTimeAsync(0);
  connection.sessions[0]?.lose(new BanyanError("ice-failed", "x"));
  await vi.advanceTimersByTimeAsync(400);
  expect(connection.sessions).toHaveLength(2);
  expect(connection.sessions[0]?.closed).toBe(true);
  expect(connection.inputs).toEqual([
    "start",
    "opening",
    "opened",
    "lost:ice-failed",
    "opening",
    "opened",
  ]);
  connection.close();
  expect(connection.sessions[1]?.closed).toBe(true);
});

test("does not ask again where only a person can help", async () => {
  const connection = new FakeConnection();
  connection.answer = () => new BanyanError("unauthorized", "x");
  connection.start();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(connection.openedAt).toHaveLength(1);
  expect(connection.inputs.at(-1)).toBe("refused:unauthorized");
  expect(connection.running).toBe(false);
  connection.answer = () => undefined;
  connection.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(connection.inputs.at(-1)).toBe("opened");
});

test("gives up after its tries", async () => {
  const connection = new FakeConnection({ triesMax: 5 });
  connection.answer = () => new BanyanError("network", "x");
  connection.start();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(connection.openedAt).toHaveLength(6);
  expect(connection.inputs.at(-1)).toBe("refused:network");
  expect(vi.getTimerCount()).toBe(0);
});

test("waits as long as the node asks", async () => {
  const connection = new FakeConnection();
  connection.answer = () => new BanyanError("rate-limited", "x", { retryAfterMs: 9_000 });
  connection.start();
  await vi.advanceTimersByTimeAsync(8_900);
  expect(connection.openedAt).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(connection.openedAt).toHaveLength(2);
});

test("is patient with a broadcaster who is away, and with a name that nobody has yet", async () => {
  for (const reason of ["not-live", "unknown-stream"] as const) {
    const connection = new FakeConnection({ triesMax: 3 });
    connection.answer = () => new BanyanError(reason, "x");
    connection.start();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(connection.running).toBe(true);
    // Once in 5 to 20 seconds.
    expect(connection.openedAt.length).toBeGreaterThan(3_600 / 25);
    expect(connection.openedAt.length).toBeLessThan(3_600 / 4);
    connection.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(vi.getTimerCount()).toBe(0);
  }
});

test("closing while it waits leaves nothing behind", async () => {
  const connection = new FakeConnection();
  connection.answer = () => new BanyanError("network", "x");
  connection.start();
  await vi.advanceTimersByTimeAsync(10);
  connection.close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connection.openedAt).toHaveLength(1);
  expect(connection.inputs.at(-1)).toBe("close");
  expect(vi.getTimerCount()).toBe(0);
});
