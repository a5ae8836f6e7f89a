import { anySignal } from "./api.js";
import { BanyanError, toBanyanError } from "./errors.js";
import { SessionResource } from "./resource.js";
import { iceFragment, offersLoopbackOnly, withIceFragment } from "./sdp.js";

/** Time from the answer to a connected transport. */
const CONNECT_MS_MAX = 8_000;
/** On loopback there is nothing to wait for: who is not connected by now was refused. */
const LOOPBACK_MS_MAX = 3_500;
/** Time that each half of an ICE restart, the node's answer and the new path, gets before we open a new session instead. */
const RESTART_MS_MAX = 4_000;
/** Candidates are gathered this long before they are sent together. */
const TRICKLE_MS = 150;

export interface PeerSessionOptions {
  readonly url: string;
  readonly token?: string | undefined;
  readonly iceServers?: RTCIceServer[] | undefined;
  /** Adds transceivers, before the offer is made. */
  readonly prepare: (pc: RTCPeerConnection) => void | Promise<void>;
  /** Edits the local offer; where the browser refuses the edit, the plain offer is used. */
  readonly edit: (sdp: string) => string;
  /** Edits the answer before it is applied. */
  readonly editAnswer?: (sdp: string) => string;
}

interface ReceivedStat {
  readonly type: string;
  readonly packetsReceived?: number;
}

/** One WHIP or WHEP session: a peer connection together with its HTTP resource. */
export class PeerSession {
  /** Resolves once, with why the session is over; never when it was closed by us. */
  readonly lost: Promise<BanyanError>;
  readonly #stop = new AbortController();
  #resolveLost: (error: BanyanError) => void = () => undefined;
  #restarting = false;
  #connectedOnce = false;

  private constructor(
    readonly pc: RTCPeerConnection,
    readonly resource: SessionResource,
    private readonly offer: string,
  ) {
    this.lost = new Promise((resolve) => {
      this.#resolveLost = resolve;
    });
  }

  /** Offers, posts, applies the answer. Does not wait for ICE: see {@link connected}. */
  static async open(options: PeerSessionOptions, signal: AbortSignal): Promise<PeerSession> {
    if (typeof RTCPeerConnection === "undefined") {
      throw new BanyanError("unsupported", "This browser has no WebRTC, or it is switched off.");
    }
    const pc = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      iceServers: options.iceServers ?? [],
    });
    const candidates: string[] = [];
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.candidate) candidates.push(candidate.candidate);
    });
    try {
      await options.prepare(pc);
      const offer = await describe(pc, options.edit);
      const resource = await SessionResource.open(options.url, offer, {
        token: options.token,
        signal,
      });
      const session = new PeerSession(pc, resource, offer);
      await session.#answer(options);
      if (signal.aborted) {
        session.close();
        signal.throwIfAborted();
      }
      session.#watch(candidates);
      return session;
    } catch (thrown) {
      pc.close();
      throw thrown;
    }
  }

  get connected(): boolean {
    return this.pc.connectionState === "connected";
  }

  /** True when any packet comes within `ms`. */
  async hearsSomething(ms: number): Promise<boolean> {
    const before = await this.#packets();
    await new Promise((resolve) => setTimeout(resolve, ms));
    return (await this.#packets()) > before;
  }

  async #packets(): Promise<number> {
    const report = await this.pc.getStats().catch(() => undefined);
    const stats = [
      ...((report ?? new Map()) as unknown as ReadonlyMap<string, ReceivedStat>).values(),
    ];
    // Firefox has no transport statistics: there media alone has to do.
    const transport = stats.some(
      ({ type, packetsReceived }) => type === "transport" && packetsReceived,
    );
    return stats
      .filter(({ type }) => type === (transport ? "transport" : "inbound-rtp"))
      .reduce((sum, { packetsReceived }) => sum + (packetsReceived ?? 0), 0);
  }

  /** Ends the session on both sides. */
  close(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    this.pc.close();
    void this.resource.delete();
  }

  async #answer({ editAnswer }: PeerSessionOptions): Promise<void> {
    const { answer, iceServers } = this.resource;
    try {
      if (iceServers.length > 0) {
        this.pc.setConfiguration({ ...this.pc.getConfiguration(), iceServers });
      }
      await this.pc.setRemoteDescription({ type: "answer", sdp: editAnswer?.(answer) ?? answer });
    } catch (thrown) {
      void this.resource.delete();
      throw new BanyanError("bad-answer", "This browser does not take the node's answer.", {
        cause: thrown,
      });
    }
  }

  #watch(candidates: string[]): void {
    const { pc } = this;
    const { signal } = this.#stop;
    const watch = (type: string, listener: () => void) =>
      pc.addEventListener(type, listener, { signal });
    const trickle = setTimeout(() => {
      // Most often we are connected by now, and the candidates are of no use to anybody.
      if (!this.connected && candidates.length > 0) {
        const done = pc.iceGatheringState === "complete";
        void this.resource.trickle(iceFragment(this.offer, candidates, done), signal);
      }
    }, TRICKLE_MS);
    const patienceMs = offersLoopbackOnly(this.resource.answer) ? LOOPBACK_MS_MAX : CONNECT_MS_MAX;
    const connect = setTimeout(() => this.#lose(this.#noPath()), patienceMs);
    signal.addEventListener("abort", () => {
      clearTimeout(trickle);
      clearTimeout(connect);
    });
    watch("connectionstatechange", () => {
      switch (pc.connectionState) {
        case "connected":
          this.#connectedOnce = true;
          clearTimeout(connect);
          break;
        case "disconnected":
          void this.#restart();
          break;
        case "failed":
          if (this.#connectedOnce) void this.#restart();
          else this.#lose(this.#noPath());
          break;
        case "closed":
          this.#lose(this.#noPath());
          break;
        case "new":
        case "connecting":
          break;
      }
    });
  }

  #lose(error: BanyanError): void {
    this.#resolveLost(error);
  }

  #noPath(): BanyanError {
    if (!this.#connectedOnce && offersLoopbackOnly(this.resource.answer)) {
      return new BanyanError(
        "ice-loopback",
        "The node offers loopback addresses only, and this browser may refuse them.",
      );
    }
    return new BanyanError(
      "ice-failed",
      this.#connectedOnce
        ? "The connection to the node broke."
        : "No UDP path to the node was found. A firewall may be in the way.",
    );
  }

  /** New credentials on the same session: media goes on where only our address has changed. */
  async #restart(): Promise<void> {
    if (this.#restarting) return;
    this.#restarting = true;
    const { pc } = this;
    const { signal } = this.#stop;
    const limit = new AbortController();
    const slow = new BanyanError("timeout", "The node did not answer in time.");
    const timer = setTimeout(() => limit.abort(slow), RESTART_MS_MAX);
    try {
      const offer = await pc.createOffer({ iceRestart: true });
      await pc.setLocalDescription(offer);
      const local = pc.localDescription?.sdp ?? offer.sdp ?? "";
      const fragment = await this.resource.restart(
        iceFragment(local, [], false),
        anySignal([signal, limit.signal]),
      );
      const answer = withIceFragment(pc.currentRemoteDescription?.sdp ?? "", fragment);
      await pc.setRemoteDescription({ type: "answer", sdp: answer });
      if (!(await this.#connectedWithin(RESTART_MS_MAX))) this.#lose(this.#noPath());
    } catch (thrown) {
      if (signal.aborted) return;
      const error = toBanyanError(thrown);
      // The node has forgotten the session: that says nothing about the stream.
      const gone = error.status === 404 || error.status === 410;
      this.#lose(gone ? new BanyanError("session-gone", "The node ended the session.") : error);
    } finally {
      clearTimeout(timer);
      this.#restarting = false;
    }
  }

  #connectedWithin(ms: number): Promise<boolean> {
    const { pc } = this;
    return new Promise((resolve) => {
      const done = new AbortController();
      const finish = (connected: boolean) => {
        clearTimeout(timer);
        done.abort();
        resolve(connected);
      };
      const timer = setTimeout(() => finish(this.connected), ms);
      const check = () => {
        if (this.connected) finish(true);
        else if (pc.connectionState === "failed" || pc.connectionState === "closed") finish(false);
      };
      pc.addEventListener("connectionstatechange", check, { signal: done.signal });
      // What failed before the restart still says so until the browser has begun with the new path.
      if (this.connected) finish(true);
    });
  }
}

async function describe(pc: RTCPeerConnection, edit: (sdp: string) => string): Promise<string> {
  const offer = await pc.createOffer();
  const plain = offer.sdp ?? "";
  const edited = edit(plain);
  try {
    await pc.setLocalDescription({ type: "offer", sdp: edited });
  } catch (thrown) {
    if (edited === plain) throw thrown;
    await pc.setLocalDescription(offer);
  }
  return pc.localDescription?.sdp ?? edited;
}
