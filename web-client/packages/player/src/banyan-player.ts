import {
  BanyanError,
  type PlayerState,
  type PlayerStats,
  type StreamInfo,
  toBanyanError,
  type VideoLayer,
  WhepPlayer,
} from "@banyan/client";
import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from "lit";
import { icons } from "./icons.js";
import { styles } from "./styles.js";
import { VideoPair } from "./video-pair.js";
import { button, figuresView, messageView, qualityView, unmuteView } from "./views.js";
import { wordsFor } from "./words.js";

/** Controls hide after this long without a movement. */
const REST_MS = 3_000;

/**
 * `<banyan-player>`: plays a WHEP stream. Attributes, events, parts, slots and CSS variables stand in
 * web-client/README.md.
 */
export class BanyanPlayer extends LitElement {
  static override styles = styles;
  static override shadowRootOptions = { ...LitElement.shadowRootOptions, delegatesFocus: false };
  static override properties = {
    src: {},
    stream: {},
    node: {},
    token: {},
    label: {},
    muted: { type: Boolean },
    autoplay: { type: Boolean },
    controls: { type: Boolean },
    silent: { state: true },
    paused: { state: true },
    level: { state: true },
    state: { state: true },
    stats: { state: true },
    figures: { state: true },
    resting: { state: true },
    layers: { state: true },
    quality: { state: true },
  };

  /** A WHEP address; wins over `node` and `stream`. */
  declare src: string | null;
  declare stream: string | null;
  /** Base URL of a node; the page's own origin where absent. */
  declare node: string | null;
  /** Bearer token. Set it as a property: attributes show in the document. */
  declare token: string | null;
  /** What a screen reader calls the picture. */
  declare label: string | null;
  declare muted: boolean;
  declare autoplay: boolean;
  declare controls: boolean;
  /** What the viewer sees. Read only. */
  declare state: PlayerState;
  /** The last figures, once a second. Read only. */
  declare stats: PlayerStats | undefined;

  private declare silent: boolean;
  private declare paused: boolean;
  private declare level: number;
  private declare figures: boolean;
  private declare resting: boolean;
  private declare layers: readonly VideoLayer[];
  /** The layer that the viewer has asked for; empty for automatic. */
  private declare quality: string;
  #player: WhepPlayer | undefined;
  #opened = "";
  #videos: VideoPair | undefined;
  #restTimer: ReturnType<typeof setTimeout> | undefined;
  #listening: AbortController | undefined;

  constructor() {
    super();
    this.src = this.stream = this.node = this.token = this.label = null;
    this.muted = this.autoplay = this.controls = false;
    this.silent = this.paused = this.figures = this.resting = false;
    this.level = 1;
    this.layers = [];
    this.quality = "";
    this.state = { kind: "idle" };
    this.stats = undefined;
  }

  /** The video that is seen; it changes when the player moves to another node. */
  get video(): HTMLVideoElement | undefined {
    return this.#videos?.current;
  }

  /** Base URL of the node that serves the viewer; it changes when that node goes down. */
  get servedBy(): string | undefined {
    return this.#player?.node;
  }

  /** Connects, or connects again after a refusal; resumes where paused. */
  play(): void {
    this.paused = false;
    if (!this.#player?.running) this.#open();
    void this.#playVideo();
  }

  /** Stops the picture; the session stays, and `play` goes on at the live edge. */
  pause(): void {
    this.paused = true;
    this.video?.pause();
  }

  /** Ends the session. */
  stop(): void {
    this.#player?.close();
    this.#player = undefined;
    this.#videos?.clear();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    // The node frees our place at once. A page that may come back from the cache reconnects.
    addEventListener("pagehide", () => this.stop(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.play(), { signal });
    this.addEventListener("keydown", (event) => this.#key(event), { signal });
    for (const type of ["pointermove", "pointerdown", "focusin"]) {
      this.addEventListener(type, () => this.#wake(), { signal });
    }
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#listening?.abort();
    clearTimeout(this.#restTimer);
    this.stop();
  }

  protected override firstUpdated(): void {
    const [first, second] = this.renderRoot.querySelectorAll("video");
    if (first && second) this.#videos = new VideoPair(first, second);
    this.silent = this.muted;
    if (this.autoplay) this.play();
  }

  protected override updated(changed: PropertyValues): void {
    if (this.#player && this.#opened !== this.#target) this.#again();
    if (changed.has("muted")) this.silent = this.muted;
    if (changed.has("silent") || changed.has("level")) this.#applySound();
  }

  /** All that decides what plays. */
  get #target(): string {
    return JSON.stringify([this.src, this.stream, this.node, this.token]);
  }

  #open(): void {
    this.#player?.close();
    this.#opened = this.#target;
    this.layers = [];
    this.quality = "";
    try {
      const token = this.token ?? undefined;
      const at = this.src
        ? { url: new URL(this.src, location.href).href }
        : { node: this.node || location.origin, stream: this.stream ?? "" };
      const player = new WhepPlayer({ ...at, token });
      this.#player = player;
      player.on("state", (state) => this.#become(state));
      player.on("stats", (stats) => this.#sampled(stats));
      player.on("info", (info) => this.#tell("banyan-info", info));
      player.on("layers", (layers) => this.#offer(layers));
      player.on("media", ({ stream, shown }) => void this.#show(stream, shown));
      player.start();
    } catch (thrown) {
      this.#become({ kind: "refused", error: toBanyanError(thrown) });
    }
  }

  #offer(layers: readonly VideoLayer[]): void {
    this.layers = layers;
    if (!layers.some(({ id }) => id === this.quality)) this.quality = "";
  }

  async #choose(quality: string): Promise<void> {
    this.quality = quality;
    try {
      await this.#player?.chooseLayer(quality || undefined);
    } catch {
      this.quality = "";
    }
  }

  async #show(stream: MediaStream, shown: () => void): Promise<void> {
    const showing = this.#videos?.show(stream);
    if (!this.paused) void this.#playVideo();
    await showing;
    shown();
  }

  async #playVideo(): Promise<void> {
    const video = this.video;
    if (!video?.srcObject) return;
    this.#applySound();
    try {
      await video.play();
    } catch (thrown) {
      // Without a gesture browsers play muted only: play so, and offer the sound.
      if (!(thrown instanceof DOMException) || thrown.name !== "NotAllowedError" || video.muted)
        return;
      this.silent = true;
      video.muted = true;
      await video.play().catch(() => undefined);
    }
  }

  #applySound(): void {
    const video = this.video;
    if (!video) return;
    video.muted = this.silent;
    video.volume = this.level;
  }

  #become(state: PlayerState): void {
    this.state = state;
    this.dataset["state"] = state.kind;
    if (state.kind === "refused" || state.kind === "reconnecting") {
      this.dataset["reason"] = state.error.reason;
    } else if (state.kind === "waiting") this.dataset["reason"] = state.cause;
    else delete this.dataset["reason"];
    if (state.kind === "playing") this.#wake();
    this.#tell("banyan-state", state);
  }

  #sampled(stats: PlayerStats): void {
    this.stats = stats;
    this.#tell("banyan-stats", stats);
  }

  #tell(type: string, detail: PlayerState | PlayerStats | StreamInfo): void {
    this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true }));
  }

  #wake(): void {
    this.resting = false;
    clearTimeout(this.#restTimer);
    this.#restTimer = setTimeout(() => {
      this.resting = this.state.kind === "playing" && !this.paused && !this.figures;
    }, REST_MS);
  }

  #toggleSound(): void {
    this.silent = !this.silent;
    if (!this.silent && this.level === 0) this.level = 1;
    this.#applySound();
    if (!this.silent && !this.paused) void this.#playVideo();
  }

  #togglePlay(): void {
    if (this.#over) this.#again();
    else if (this.paused) this.play();
    else this.pause();
  }

  get #untouched(): boolean {
    return this.state.kind === "idle" || this.state.kind === "closed";
  }

  /** Nothing plays, and nothing is under way that a person would wait for. */
  get #over(): boolean {
    return ["idle", "closed", "refused", "ended"].includes(this.state.kind);
  }

  async #toggleFull(): Promise<void> {
    const frame = this.renderRoot.querySelector<HTMLElement>(".frame");
    const video = this.video as
      | (HTMLVideoElement & { webkitEnterFullscreen?: () => void })
      | undefined;
    if (document.fullscreenElement) await document.exitFullscreen();
    else if (frame?.requestFullscreen) await frame.requestFullscreen().catch(() => undefined);
    else video?.webkitEnterFullscreen?.();
  }

  async #toggleWindow(): Promise<void> {
    if (document.pictureInPictureElement) await document.exitPictureInPicture();
    else await this.video?.requestPictureInPicture().catch(() => undefined);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const origin = event.composedPath()[0];
    if (origin instanceof HTMLSelectElement) return;
    const onButton = origin instanceof HTMLButtonElement;
    const actions: Record<string, () => void> = {
      k: () => this.#togglePlay(),
      m: () => this.#toggleSound(),
      f: () => void this.#toggleFull(),
      p: () => void this.#toggleWindow(),
      s: () => this.#toggleFigures(),
      ...(onButton ? {} : { " ": () => this.#togglePlay() }),
      ...(origin instanceof HTMLInputElement
        ? {}
        : { ArrowUp: () => this.#louder(0.1), ArrowDown: () => this.#louder(-0.1) }),
    };
    const action = actions[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
    this.#wake();
  }

  #louder(by: number): void {
    this.level = Math.round(Math.min(1, Math.max(0, this.level + by)) * 10) / 10;
    this.silent = this.level === 0;
  }

  #toggleFigures(): void {
    this.figures = !this.figures;
  }

  protected override render(): TemplateResult {
    const words = wordsFor(this.state);
    const dim = words !== undefined;
    const hushed = this.silent && this.state.kind === "playing";
    const classes = ["frame", this.state.kind];
    if (dim) classes.push("dim");
    if (hushed) classes.push("hushed");
    if (this.resting) classes.push("resting");
    return html`
      <div
        class=${classes.join(" ")}
        part="frame"
        role="group"
        aria-label=${this.label ?? `Live video${this.stream ? `: ${this.stream}` : ""}`}
        tabindex="0"
        data-testid="player"
        data-state=${this.state.kind}
      >
        <video playsinline disableremoteplayback @dblclick=${this.#toggleFull}></video>
        <video playsinline disableremoteplayback @dblclick=${this.#toggleFull}></video>
        <slot name="overlay"></slot>
        ${words ? messageView(words, this.#untouched, () => this.#again()) : nothing}
        ${hushed ? unmuteView(() => this.#unmute()) : nothing}
        ${this.figures ? figuresView(this.stats) : nothing}
        ${this.controls ? this.#controls() : nothing}
        <div class="quiet" role="status" aria-live="polite" data-testid="player-announce">
          ${words ? `${words.title} ${words.detail}` : this.paused ? "Paused" : "Playing live"}
        </div>
      </div>
    `;
  }

  #again(): void {
    this.stop();
    this.play();
  }

  /** The button goes with the press: who works by keyboard stays on the picture. */
  #unmute(): void {
    this.#toggleSound();
    this.renderRoot.querySelector<HTMLElement>(".frame")?.focus();
  }

  #controls(): TemplateResult {
    const stopped = this.paused || this.#over;
    const live = this.state.kind === "playing";
    return html`
      <div class=${this.layers.length > 1 ? "controls choice" : "controls"} part="controls" role="toolbar" aria-label="Player">
        ${button(
          stopped ? "Play" : "Pause",
          stopped ? icons.play : icons.pause,
          () => void this.#togglePlay(),
          "play-toggle",
        )}
        ${button(
          this.silent ? "Unmute" : "Mute",
          this.silent ? icons.muted : icons.sound,
          () => void this.#toggleSound(),
          "mute-toggle",
        )}
        <input
          type="range"
          min="0"
          max="1"
          step="0.05"
          aria-label="Volume"
          data-testid="volume"
          .value=${String(this.silent ? 0 : this.level)}
          @input=${this.#volume}
        />
        ${
          live
            ? html`<span class="badge" part="badge">
                <span class="dot" aria-hidden="true"></span>${this.paused ? "Paused" : "Live"}
              </span>`
            : nothing
        }
        <span class="space"></span>
        ${
          this.layers.length > 1
            ? qualityView(this.layers, this.quality, {
                choose: (quality) => void this.#choose(quality),
                look: () => void this.#player?.refreshLayers(),
              })
            : nothing
        }
        ${button("Figures", icons.figures, () => void this.#toggleFigures(), "stats-toggle", this.figures)}
        ${
          document.pictureInPictureEnabled
            ? button(
                "Picture in picture",
                icons.window,
                () => void this.#toggleWindow(),
                "pip-toggle",
              )
            : nothing
        }
        ${button("Full screen", icons.full, () => void this.#toggleFull(), "fullscreen-toggle")}
      </div>
    `;
  }

  #volume(event: Event): void {
    this.level = Number((event.target as HTMLInputElement).value);
    this.silent = this.level === 0;
  }
}

export { BanyanError };
