import type { BackoffOptions } from "./backoff.js";
import { Connection, type ConnectionInput } from "./connection.js";
import { BanyanError } from "./errors.js";
import type { VideoLayer } from "./layers.js";
import { type Place, placeOf, placeOfEndpoint, whepUrl } from "./links.js";
import { offerCaptureTime, preferLowLatency } from "./media-setup.js";
import type { StreamInfo } from "./model.js";
import { PeerSession } from "./peer-session.js";
import {
  IDLE,
  learn,
  type PlayerFacts,
  type PlayerInput,
  type PlayerState,
  stateOf,
} from "./player-state.js";
import { withAbsCaptureTime, withStereo } from "./sdp.js";
import {
  latencyOf,
  type PlayerStats,
  type StatsMemory,
  type SynchronizationSource,
  samplePlayer,
} from "./stats.js";

const SAMPLE_MS = 1_000;
/** Until the first frame we look more often: this is what a person waits for. */
const FIRST_SAMPLE_MS = 50;
/** A new viewer is sent up to a second in an eighth of one; figures of that time are of no use. */
const CATCH_UP_MS = 1_500;
/** No frame for this long: the viewer is told. */
const SILENCE_MS = 3_000;
/** No frame for this long although the stream is live: another session may help. */
const STALL_MS = 12_000;

const NOT_YET = { bitrateBps: undefined, framesPerSecond: undefined, latencyMs: undefined };

/** Where to play from: a node and a stream, or a WHEP address. */
export type PlayerTarget =
  | { readonly node: string; readonly stream: string }
  | { readonly url: string };

export type WhepPlayerOptions = PlayerTarget & {
  readonly token?: string | undefined;
  /** Closes the player. */
  readonly signal?: AbortSignal | undefined;
  readonly iceServers?: RTCIceServer[] | undefined;
  readonly backoff?: BackoffOptions | undefined;
};

export interface WhepPlayerEvents {
  state: PlayerState;
  /**
   * Media to show. May come again, after a reconnect or a move: call `shown` when its first frame is
   * on screen, so that the session before it ends.
   */
  media: { readonly stream: MediaStream; readonly shown: () => void };
  stats: PlayerStats;
  /** What the node tells of the stream: viewers, tracks, start. */
  info: StreamInfo;
  /** Sizes of the picture to choose from, highest first. */
  layers: readonly VideoLayer[];
}

interface Watch {
  readonly session: PeerSession;
  readonly openedAtMs: number;
  memory: StatsMemory | undefined;
  firstProgressAtMs: number | undefined;
  progressAtMs: number | undefined;
}

/**
 * Plays a stream over WHEP. Reconnects by itself; a broadcaster who is away does not end it.
 *
 * ```ts
 * const player = new WhepPlayer({ node: "https://node.example", stream: "garden" });
 * player.on("media", ({ stream, shown }) => { video.srcObject = stream; shown(); });
 * player.on("state", (state) => console.log(state.kind));
 * player.start();
 * ```
 */
export class WhepPlayer extends Connection<WhepPlayerEvents> {
  readonly #iceServers: RTCIceServer[] | undefined;
  readonly #streams = new WeakMap<PeerSession, MediaStream>();
  #facts: PlayerFacts = IDLE;
  #state: PlayerState = { kind: "idle" };
  #watch: Watch | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #layer: string | undefined;
  #epoch: number | undefined;

  constructor(options: WhepPlayerOptions) {
    const place =
      "url" in options ? placeOfEndpoint(options.url) : placeOf(options.node, options.stream);
    super({
      place,
      url: "url" in options ? options.url : undefined,
      token: options.token,
      backoff: options.backoff,
    });
    this.#iceServers = options.iceServers;
    options.signal?.addEventListener("abort", () => this.close(), { once: true });
  }

  get state(): PlayerState {
    return this.#state;
  }

  /**
   * Keeps the picture at or below a size, by its `id`; undefined lets the node choose. Holds for
   * later sessions too, after a reconnect or a move. Rejects where the node refuses; it then chooses.
   */
  async chooseLayer(id: string | undefined): Promise<void> {
    this.#layer = id;
    try {
      await this.active?.resource.chooseLayer(id);
    } catch (thrown) {
      if (this.#layer === id) this.#layer = undefined;
      throw thrown;
    }
  }

  /** Asks the node which sizes there are now, and tells by `layers`. */
  async refreshLayers(): Promise<void> {
    const session = this.active;
    const layers = await session?.resource.layers();
    if (layers && this.active === session) this.emit("layers", layers);
  }

  protected endpoint(place: Place): string {
    return whepUrl(place);
  }

  protected async open(url: string, signal: AbortSignal): Promise<PeerSession> {
    const stream = new MediaStream();
    const session = await PeerSession.open(
      {
        url,
        token: this.options.token,
        iceServers: this.#iceServers,
        prepare: (pc) => {
          pc.addEventListener("track", ({ track, receiver }) => {
            stream.addTrack(track);
            preferLowLatency(receiver);
          });
          for (const kind of ["audio", "video"]) {
            offerCaptureTime(pc.addTransceiver(kind, { direction: "recvonly" }));
          }
        },
        edit: (sdp) => withAbsCaptureTime(withStereo(sdp)),
      },
      signal,
    );
    this.#streams.set(session, stream);
    return session;
  }

  protected told(input: ConnectionInput): void {
    if (input.type === "close" || input.type === "refused" || input.type === "lost")
      this.#stopSampling();
    this.#learn(input);
  }

  protected toldInfo(stream: StreamInfo): void {
    this.emit("info", stream);
    if (this.#epoch !== undefined && this.#epoch !== stream.epoch) void this.refreshLayers();
    this.#epoch = stream.epoch;
  }

  protected present(session: PeerSession, shown: () => void): void {
    this.#stopSampling();
    const watch: Watch = {
      session,
      openedAtMs: Date.now(),
      memory: undefined,
      firstProgressAtMs: undefined,
      progressAtMs: undefined,
    };
    this.#watch = watch;
    // The new session may know other sizes; then the node chooses.
    if (this.#layer !== undefined) session.resource.chooseLayer(this.#layer).catch(() => undefined);
    void this.#sampleOnAndOn(watch);
    const stream = this.#streams.get(session);
    if (stream) this.emit("media", { stream, shown });
  }

  protected async ready(session: PeerSession, signal: AbortSignal): Promise<void> {
    for (const until = Date.now() + 8_000; Date.now() < until; ) {
      signal.throwIfAborted();
      const report = (await session.pc.getStats()) as unknown as ReadonlyMap<string, unknown>;
      if (samplePlayer(report.values(), Date.now(), undefined, undefined).stats.progressed) return;
      await new Promise((resolve) => setTimeout(resolve, FIRST_SAMPLE_MS));
    }
    throw new BanyanError("stalled", "No picture came from the other node.");
  }

  protected async judge(error: BanyanError): Promise<BanyanError> {
    return error;
  }

  #learn(input: PlayerInput): void {
    this.#facts = learn(this.#facts, input);
    const state = stateOf(this.#facts);
    const same = JSON.stringify(key(state)) === JSON.stringify(key(this.#state));
    this.#state = state;
    if (!same) this.emit("state", state);
  }

  async #sampleOnAndOn(watch: Watch): Promise<void> {
    const report = await watch.session.pc.getStats().catch(() => undefined);
    if (this.#watch !== watch) return;
    if (report) this.#sample(watch, report as unknown as ReadonlyMap<string, unknown>);
    if (this.#watch !== watch) return;
    const delayMs = watch.progressAtMs === undefined ? FIRST_SAMPLE_MS : SAMPLE_MS;
    this.#timer = setTimeout(() => void this.#sampleOnAndOn(watch), delayMs);
  }

  #sample(watch: Watch, report: ReadonlyMap<string, unknown>): void {
    const nowMs = Date.now();
    const receivers = watch.session.pc.getReceivers();
    const video = receivers.find(({ track }) => track.kind === "video");
    const sources = [video, ...receivers].flatMap((receiver) => {
      const found = (receiver?.getSynchronizationSources() ?? []) as SynchronizationSource[];
      return found.length > 0 ? [found] : [];
    })[0];
    const latencyMs = latencyOf(sources ?? [], [...report.values()], nowMs);
    const { stats, memory } = samplePlayer(report.values(), nowMs, latencyMs, watch.memory);
    watch.memory = memory;
    if (stats.progressed) {
      if (watch.firstProgressAtMs === undefined) void this.refreshLayers();
      watch.firstProgressAtMs ??= nowMs;
      watch.progressAtMs = nowMs;
      this.healthy();
      this.#learn({ type: "media" });
    } else this.#quiet(watch, nowMs);
    const caughtUp = nowMs - (watch.firstProgressAtMs ?? nowMs) >= CATCH_UP_MS;
    this.emit("stats", caughtUp ? stats : { ...stats, ...NOT_YET });
  }

  #quiet(watch: Watch, nowMs: number): void {
    const sinceMs = nowMs - (watch.progressAtMs ?? watch.openedAtMs);
    if (sinceMs > SILENCE_MS && watch.progressAtMs !== undefined) this.#learn({ type: "silence" });
    if (sinceMs > STALL_MS && this.#facts.stream !== "waiting" && watch.session.connected) {
      this.abandon(new BanyanError("stalled", "Connected, but no picture comes from the node."));
    }
  }

  #stopSampling(): void {
    clearTimeout(this.#timer);
    this.#watch = undefined;
  }
}

/** What makes two states differ to a listener. */
function key(state: PlayerState): unknown[] {
  switch (state.kind) {
    case "waiting":
      return [state.kind, state.cause];
    case "reconnecting":
      return [state.kind, state.attempt, state.error.reason];
    case "refused":
      return [state.kind, state.error.reason, state.error.detail];
    case "idle":
    case "connecting":
    case "playing":
    case "ended":
    case "closed":
      return [state.kind];
  }
}
