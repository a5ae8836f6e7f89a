import { nodeInfo } from "./api.js";
import { Backoff, type BackoffOptions, sleep } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { BanyanError, toBanyanError } from "./errors.js";
import type { Place } from "./links.js";
import type { StreamInfo, StreamState } from "./model.js";
import type { PeerSession } from "./peer-session.js";
import { followStream, type StreamEvent } from "./stream-events.js";

/** How long the old session goes on after a move, where nobody says that the new one is shown. */
const HANDOVER_MS_MAX = 3_000;

/** A live session brings packets, of media or of ICE and RTCP, more often than this. */
const QUIET_MS = 800;

/** What happens to a connection, for the state machines of player and publisher. */
export type ConnectionInput =
  | { readonly type: "start" | "opening" | "opened" | "close" }
  | { readonly type: "stream"; readonly state: StreamState }
  | { readonly type: "lost"; readonly error: BanyanError; readonly attempt: number }
  | { readonly type: "refused"; readonly error: BanyanError };

export interface ConnectionOptions {
  /** Where the stream is; without it there are no events, no move and no other nodes to try. */
  readonly place: Place | undefined;
  /** Endpoint where there is no place: any WHIP or WHEP server. */
  readonly url: string | undefined;
  readonly token: string | undefined;
  readonly backoff?: BackoffOptions | undefined;
}

/** Keeps one session open: tries again with back-off, follows the stream's events, moves on request. */
export abstract class Connection<Events extends object> extends Emitter<Events> {
  protected active: PeerSession | undefined;
  #place: Place | undefined;
  #others: string[] = [];
  #run: AbortController | undefined;
  #following: AbortController | undefined;
  #wake: () => void = () => undefined;
  #drop: (error: BanyanError) => void = () => undefined;
  #backoff: Backoff;
  #moving = false;
  #suspecting = false;
  /** The stream has been there since we started. */
  #known = false;

  protected constructor(protected readonly options: ConnectionOptions) {
    super();
    this.#place = options.place;
    this.#backoff = new Backoff(options.backoff);
  }

  /** Base URL of the node that we are connected to, or try next. */
  get node(): string | undefined {
    return this.#place?.node;
  }

  get running(): boolean {
    return this.#run !== undefined;
  }

  /** Starts, or starts again after a refusal. */
  start(): void {
    if (this.#run) return;
    const run = new AbortController();
    this.#run = run;
    this.#backoff = new Backoff(this.options.backoff);
    this.#known = false;
    globalThis.addEventListener?.("online", () => this.#wake(), { signal: run.signal });
    this.told({ type: "start" });
    void this.#loop(run.signal).catch((error: unknown) => {
      if (!run.signal.aborted) throw error;
    });
  }

  /** Ends the session at the node as well. */
  close(): void {
    this.told({ type: "close" });
    this.#halt();
  }

  /** Endpoint of a place, WHIP or WHEP. */
  protected abstract endpoint(place: Place): string;
  protected abstract open(url: string, signal: AbortSignal): Promise<PeerSession>;
  protected abstract told(input: ConnectionInput): void;
  protected abstract toldInfo(stream: StreamInfo): void;
  /** Shows a session; `shown` tells that nobody needs the one before any more. */
  protected abstract present(session: PeerSession, shown: () => void): void;
  /** Resolves when media of a session that nobody sees yet has arrived. */
  protected abstract ready(session: PeerSession, signal: AbortSignal): Promise<void>;
  /** A second look at why a session was lost. */
  protected abstract judge(error: BanyanError, place: Place | undefined): Promise<BanyanError>;

  /** Media flows: the next failure starts with short delays again. */
  protected healthy(): void {
    this.#backoff.reset();
  }

  /** Gives the present session up, and opens another. */
  protected abandon(error: BanyanError): void {
    this.#drop(error);
  }

  #halt(): void {
    this.#run?.abort();
    this.#run = undefined;
    this.#following?.abort();
    this.#following = undefined;
    this.active?.close();
    this.active = undefined;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    // A broadcaster may be away for hours: these two try slowly, for about half a day.
    const away = new Backoff({ firstMs: 1_000, maxMs: 10_000, triesMax: 4_000 });
    const unknown = new Backoff({ firstMs: 4_000, maxMs: 20_000, triesMax: 2_000 });
    for (;;) {
      const error = await this.#attempt(signal);
      this.active?.close();
      this.active = undefined;
      const patient =
        error.reason === "not-live"
          ? away
          : error.reason === "unknown-stream"
            ? unknown
            : undefined;
      const delayMs = error.final ? undefined : (patient ?? this.#backoff).next(error.retryAfterMs);
      if (delayMs === undefined) {
        this.told({ type: "refused", error });
        this.#halt();
        return;
      }
      if (patient === unknown) this.told({ type: "refused", error });
      else this.told({ type: "lost", error, attempt: this.#backoff.tries });
      // The node tells when somebody goes live, sooner than we would ask again.
      if (patient) this.#follow();
      if (!patient) this.#tryAnotherNode(error);
      await sleep(delayMs, signal, new Promise((resolve) => (this.#wake = resolve)));
    }
  }

  /** One session from offer to loss; resolves with why it is over. */
  async #attempt(signal: AbortSignal): Promise<BanyanError> {
    this.told({ type: "opening" });
    const place = this.#place;
    try {
      const url = place ? this.endpoint(place) : (this.options.url ?? "");
      const session = await this.open(url, signal);
      const dropped = new Promise<BanyanError>((resolve) => (this.#drop = resolve));
      this.active = session;
      this.#known = true;
      this.told({ type: "opened" });
      this.present(session, () => undefined);
      this.#follow();
      void this.#learnOthers(signal);
      const error = await this.#untilLost(dropped, signal);
      return await this.judge(error, this.#place);
    } catch (thrown) {
      signal.throwIfAborted();
      return toBanyanError(thrown);
    }
  }

  async #untilLost(dropped: Promise<BanyanError>, signal: AbortSignal): Promise<BanyanError> {
    const aborted = new Promise<never>((_, reject) =>
      signal.addEventListener("abort", () => reject(signal.reason), { once: true }),
    );
    for (;;) {
      const session = this.active;
      if (!session) return new BanyanError("session-gone", "The session is over.");
      const error = await Promise.race([session.lost, dropped, aborted]);
      // After a move the loss of the old session is of no interest.
      if (this.active === session) return error;
    }
  }

  #follow(): void {
    const place = this.#place;
    if (!place || this.#following) return;
    const following = new AbortController();
    this.#following = following;
    const { token } = this.options;
    void followStream(place, (event) => this.#heard(event), {
      token,
      signal: following.signal,
      broken: () => void this.#suspect(following.signal),
    }).finally(() => {
      if (this.#following === following) this.#following = undefined;
    });
  }

  /**
   * The events' line broke. Where the node takes no HTTP and sends no packet either, it is dead, and
   * another session can begin seconds before ICE gives up.
   */
  async #suspect(signal: AbortSignal): Promise<void> {
    const session = this.active;
    const place = this.#place;
    if (!session || !place || this.#suspecting) return;
    this.#suspecting = true;
    try {
      const alive = session.hearsSomething(QUIET_MS);
      const answers = nodeInfo(place.node, { token: this.options.token, signal }).then(
        () => true,
        (thrown: unknown) => toBanyanError(thrown).reason !== "network",
      );
      if ((await answers) || (await alive) || this.active !== session) return;
      this.#drop(new BanyanError("node-gone", "The node went away without a word."));
    } finally {
      this.#suspecting = false;
    }
  }

  #heard(event: StreamEvent): void {
    if (event.type === "move") {
      void this.#move(event.node);
      return;
    }
    const { state } = event.stream;
    // A node that has never heard of the stream says so too; that is no end of a broadcast.
    if (state === "ended" && !this.#known) return;
    this.#known = true;
    this.toldInfo(event.stream);
    this.told({ type: "stream", state });
    if (state === "live") this.#wake();
    if (state === "ended") {
      this.#drop(new BanyanError("unknown-stream", "The broadcast has ended."));
    }
  }

  /** Connects to another node first, and leaves this one when media has come from there. */
  async #move(node: string): Promise<void> {
    const run = this.#run;
    const place = this.#place;
    const old = this.active;
    if (!run || !place || !old || this.#moving || node === place.node) return;
    this.#moving = true;
    const next = { node, stream: place.stream };
    let session: PeerSession | undefined;
    try {
      session = await this.open(this.endpoint(next), run.signal);
      await this.ready(session, run.signal);
    } catch {
      // We stay until this node is gone, and then look for another in the usual way.
      session?.close();
      return;
    } finally {
      this.#moving = false;
    }
    if (this.active !== old) {
      session.close();
      return;
    }
    this.active = session;
    this.#moveTo(next);
    this.#follow();
    const leave = () => {
      clearTimeout(timer);
      old.close();
    };
    const timer = setTimeout(leave, HANDOVER_MS_MAX);
    run.signal.addEventListener("abort", leave, { once: true });
    this.present(session, leave);
  }

  #moveTo(place: Place): void {
    this.#place = place;
    this.#following?.abort();
    this.#following = undefined;
  }

  async #learnOthers(signal: AbortSignal): Promise<void> {
    if (!this.#place) return;
    const info = await nodeInfo(this.#place.node, { token: this.options.token, signal }).catch(
      () => undefined,
    );
    if (info) this.#others = info.peers.map((peer) => peer.http).slice(0, 8);
  }

  /** A node that is dead for sure, full, or did not answer twice, is left for another. */
  #tryAnotherNode(error: BanyanError): void {
    const place = this.#place;
    const away = error.reason === "network" || error.reason === "timeout";
    const full = error.reason === "unavailable";
    const gone = error.reason === "node-gone";
    if (!place || !(gone || full || (away && this.#backoff.tries >= 2))) return;
    const next = this.#others.shift();
    if (next === undefined) return;
    this.#others.push(place.node);
    try {
      this.#moveTo({ node: new URL(next).origin, stream: place.stream });
    } catch {
      // A peer without a usable address.
    }
  }
}
