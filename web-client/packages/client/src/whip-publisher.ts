import { listStreams } from "./api.js";
import type { BackoffOptions } from "./backoff.js";
import { Connection, type ConnectionInput } from "./connection.js";
import { BanyanError } from "./errors.js";
import { type Place, placeOf, placeOfEndpoint, whipUrl } from "./links.js";
import {
  encodings,
  offerCaptureTime,
  preferCodec,
  simulcastLayers,
  type VideoCodec,
} from "./media-setup.js";
import type { StreamInfo } from "./model.js";
import { NODE_CHANNEL, neededLayers, restLayers } from "./node-channel.js";
import { PeerSession } from "./peer-session.js";
import { withAbsCaptureTime, withStartBitrate, withStereo } from "./sdp.js";
import { type PublisherStats, type StatsMemory, samplePublisher } from "./stats.js";

const SAMPLE_MS = 1_000;
const FIRST_SAMPLE_MS = 100;
const BITRATE_BPS = 2_500_000;

export type PublisherState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly error: BanyanError }
  | { readonly kind: "refused"; readonly error: BanyanError }
  | { readonly kind: "closed" };

export interface VideoChoice {
  /** Sum over all layers; 2,500,000 by default. */
  readonly bitrateBps?: number | undefined;
  /** Preferred codec; the browser's own order where absent. */
  readonly codec?: VideoCodec | undefined;
  /** Up to three layers of a quarter, half and full size: as many as the picture is large enough for. */
  readonly simulcast?: boolean | undefined;
  readonly framesPerSecond?: number | undefined;
  /** What to keep when bits are short: `motion` the frame rate, `detail` and `text` the sharpness. */
  readonly contentHint?: "motion" | "detail" | "text" | undefined;
}

export interface AudioChoice {
  /** 96,000 by default. */
  readonly bitrateBps?: number | undefined;
  readonly stereo?: boolean | undefined;
}

export type WhipPublisherOptions = (
  | { readonly node: string; readonly stream: string }
  | { readonly url: string }
) & {
  readonly media: MediaStream;
  readonly video?: VideoChoice | undefined;
  readonly audio?: AudioChoice | undefined;
  readonly token?: string | undefined;
  /** Stops publishing. */
  readonly signal?: AbortSignal | undefined;
  readonly iceServers?: RTCIceServer[] | undefined;
  readonly backoff?: BackoffOptions | undefined;
};

export interface WhipPublisherEvents {
  state: PublisherState;
  stats: PublisherStats;
  info: StreamInfo;
}

interface Watch {
  readonly session: PeerSession;
  memory: StatsMemory | undefined;
  live: boolean;
}

/** Publishes a MediaStream over WHIP, and keeps it up. */
export class WhipPublisher extends Connection<WhipPublisherEvents> {
  readonly #publish: WhipPublisherOptions;
  #video: VideoChoice;
  #media: MediaStream;
  #layers: 1 | 2 | 3 = 1;
  #state: PublisherState = { kind: "idle" };
  #lost: { attempt: number; error: BanyanError } | undefined;
  #watch: Watch | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: WhipPublisherOptions) {
    super({
      place:
        "url" in options ? placeOfEndpoint(options.url) : placeOf(options.node, options.stream),
      url: "url" in options ? options.url : undefined,
      token: options.token,
      backoff: options.backoff,
    });
    this.#publish = options;
    this.#video = options.video ?? {};
    this.#media = options.media;
    options.signal?.addEventListener("abort", () => this.close(), { once: true });
  }

  get state(): PublisherState {
    return this.#state;
  }

  /** Sends other tracks on the same session: no viewer has to reconnect. */
  async replaceMedia(media: MediaStream): Promise<void> {
    this.#media = media;
    for (const { sender } of this.active?.pc.getTransceivers() ?? []) {
      const kind = sender.track?.kind;
      const track = media.getTracks().find((it) => it.kind === kind);
      if (track) await sender.replaceTrack(this.#hinted(track));
    }
  }

  /** Changes the bitrate of a running broadcast, over all layers. */
  async setBitrate(bitrateBps: number): Promise<void> {
    this.#video = { ...this.#video, bitrateBps };
    const sender = this.active?.pc.getSenders().find((it) => it.track?.kind === "video");
    if (!sender) return;
    const parameters = sender.getParameters();
    const wanted = this.#encodings();
    parameters.encodings.forEach((encoding, i) => {
      const maxBitrate = wanted[i]?.maxBitrate;
      if (maxBitrate !== undefined) encoding.maxBitrate = maxBitrate;
    });
    await sender.setParameters(parameters);
  }

  protected endpoint(place: Place): string {
    return whipUrl(place);
  }

  protected open(url: string, signal: AbortSignal): Promise<PeerSession> {
    const { token, iceServers, audio } = this.#publish;
    const stereo = (sdp: string) =>
      audio?.stereo ? withStereo(sdp, { bitrateBps: audio.bitrateBps ?? 128_000 }) : sdp;
    return PeerSession.open(
      {
        url,
        token,
        iceServers,
        prepare: (pc) => this.#addTracks(pc),
        edit: (sdp) => stereo(withAbsCaptureTime(sdp)),
        // The encoder goes by what the answer asks of us.
        editAnswer: (sdp) => withStartBitrate(stereo(sdp), this.#startKbps()),
      },
      signal,
    );
  }

  protected told(input: ConnectionInput): void {
    switch (input.type) {
      case "start":
        this.#lost = undefined;
        this.#become({ kind: "connecting" });
        break;
      case "lost":
        this.#stopSampling();
        this.#lost = input;
        this.#become({ kind: "reconnecting", attempt: input.attempt, error: input.error });
        break;
      case "refused":
        this.#stopSampling();
        this.#become({ kind: "refused", error: input.error });
        break;
      case "close":
        this.#stopSampling();
        this.#become({ kind: "closed" });
        break;
      case "opening":
        if (!this.#lost) this.#become({ kind: "connecting" });
        break;
      case "opened":
      case "stream":
        break;
    }
  }

  protected toldInfo(stream: StreamInfo): void {
    this.emit("info", stream);
  }

  protected present(session: PeerSession, shown: () => void): void {
    this.#stopSampling();
    this.#watch = { session, memory: undefined, live: false };
    void this.#sampleOnAndOn(this.#watch);
    shown();
  }

  protected async ready(session: PeerSession, signal: AbortSignal): Promise<void> {
    for (const until = Date.now() + 8_000; Date.now() < until; ) {
      signal.throwIfAborted();
      if (session.connected) return;
      await new Promise((resolve) => setTimeout(resolve, FIRST_SAMPLE_MS));
    }
    throw new BanyanError("ice-failed", "No UDP path to the other node was found.");
  }

  /**
   * A session that the node forgot while the stream is live was replaced. Coming back at once would
   * throw the other out, who would come back in turn.
   */
  protected async judge(error: BanyanError, place: Place | undefined): Promise<BanyanError> {
    if (error.reason === "unknown-stream") {
      return new BanyanError("session-gone", "The node ended the broadcast.");
    }
    if (error.reason !== "session-gone" || !place) return error;
    const streams = await listStreams(place.node, { token: this.#publish.token }).catch(() => []);
    return streams.some(({ name, state }) => name === place.stream && state === "live")
      ? new BanyanError("replaced", "Somebody else went live with this stream name.")
      : error;
  }

  #become(state: PublisherState): void {
    this.#state = state;
    this.emit("state", state);
  }

  #encodings(): RTCRtpEncodingParameters[] {
    const { bitrateBps = BITRATE_BPS, codec, framesPerSecond } = this.#video;
    return encodings({ bitrateBps, layers: this.#layers, codec, framesPerSecond });
  }

  /** Most uplinks carry a megabit; where one does not, the estimate falls within a second. */
  #startKbps(): number {
    return Math.min((this.#video.bitrateBps ?? BITRATE_BPS) / 2, 1_200_000) / 1000;
  }

  #hinted(track: MediaStreamTrack): MediaStreamTrack {
    const hint = this.#video.contentHint;
    if (track.kind === "video" && hint && "contentHint" in track) track.contentHint = hint;
    return track;
  }

  async #addTracks(pc: RTCPeerConnection): Promise<void> {
    const [audio] = this.#media.getAudioTracks();
    const [video] = this.#media.getVideoTracks();
    const streams = [this.#media];
    if (audio) {
      const maxBitrate = this.#publish.audio?.bitrateBps ?? 96_000;
      offerCaptureTime(
        pc.addTransceiver(audio, {
          direction: "sendonly",
          streams,
          sendEncodings: [{ maxBitrate }],
        }),
      );
    }
    if (!video) return;
    const { width, height } = video.getSettings();
    this.#layers = this.#video.simulcast ? simulcastLayers(width, height) : 1;
    const transceiver = pc.addTransceiver(this.#hinted(video), {
      direction: "sendonly",
      streams,
      sendEncodings: this.#encodings(),
    });
    if (this.#layers > 1) this.#restWhatNobodyWatches(pc, transceiver.sender);
    if (this.#video.codec) preferCodec(transceiver, this.#video.codec);
    offerCaptureTime(transceiver);
    await this.#keepWhatMatters(transceiver.sender);
  }

  #restWhatNobodyWatches(pc: RTCPeerConnection, sender: RTCRtpSender): void {
    const rested = new Set<string>();
    // One change after the other: parameters that have been read serve for one change only.
    let before = Promise.resolve();
    pc.createDataChannel(NODE_CHANNEL).onmessage = ({ data }) => {
      const needed = neededLayers(data);
      if (needed === undefined) return;
      before = before.then(() => {
        const parameters = sender.getParameters();
        restLayers(parameters.encodings, needed, rested);
        // A session that ends meanwhile has nothing to rest.
        return sender.setParameters(parameters).catch(() => undefined);
      });
    };
  }

  async #keepWhatMatters(sender: RTCRtpSender): Promise<void> {
    const hint = this.#video.contentHint;
    // For motion the browser's own balance of size and rate is right.
    if (hint !== "detail" && hint !== "text") return;
    const parameters: RTCRtpSendParameters & { degradationPreference?: string } =
      sender.getParameters();
    parameters.degradationPreference = "maintain-resolution";
    // Not every browser knows the preference; the hint alone does most of it.
    await sender.setParameters(parameters).catch(() => undefined);
  }

  async #sampleOnAndOn(watch: Watch): Promise<void> {
    const report = await watch.session.pc.getStats().catch(() => undefined);
    if (this.#watch !== watch) return;
    if (report) {
      const map = report as unknown as ReadonlyMap<string, unknown>;
      const { stats, memory } = samplePublisher(map.values(), Date.now(), watch.memory);
      watch.memory = memory;
      if (!watch.live && watch.session.connected && stats.progressed) {
        watch.live = true;
        this.#lost = undefined;
        this.healthy();
        this.#become({ kind: "live" });
      }
      this.emit("stats", stats);
    }
    const delayMs = watch.live ? SAMPLE_MS : FIRST_SAMPLE_MS;
    this.#timer = setTimeout(() => void this.#sampleOnAndOn(watch), delayMs);
  }

  #stopSampling(): void {
    clearTimeout(this.#timer);
    this.#watch = undefined;
  }
}
