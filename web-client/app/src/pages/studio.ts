import "../parts/copy-link.js";
import "../parts/level-meter.js";
import {
  type BanyanError,
  isStreamName,
  type PublisherState,
  type PublisherStats,
  placeOf,
  readFragment,
  type StreamInfo,
  streamOfToken,
  toBanyanError,
  videoCodecs,
  WhipPublisher,
  watchPageUrl,
} from "@banyan/client";
import { html, nothing, type PropertyValues, type TemplateResult } from "lit";
import {
  type Capture,
  CaptureError,
  capture,
  type DeviceList,
  listDevices,
} from "../parts/capture.js";
import { Page } from "../parts/page.js";
import { pictureFields, type StudioForm, sourceFields } from "../parts/studio-form.js";
import {
  loadSettings,
  readSettings,
  type StudioSettings,
  saveSettings,
} from "../parts/studio-settings.js";
import { publisherWords, studioFigures } from "../parts/studio-words.js";
import { count } from "../parts/words.js";

/** Where a person goes live from a browser. */
class StudioPage extends Page {
  static override properties = {
    settings: { state: true },
    state: { state: true },
    stats: { state: true },
    info: { state: true },
    devices: { state: true },
    captured: { state: true },
    complaint: { state: true },
    starting: { state: true },
  };

  private declare settings: StudioSettings;
  private declare state: PublisherState;
  private declare stats: PublisherStats | undefined;
  private declare info: StreamInfo | undefined;
  private declare devices: DeviceList;
  private declare captured: Capture | undefined;
  private declare complaint: string;
  private declare starting: boolean;
  readonly #codecs = videoCodecs("send");
  readonly #link = readFragment(location.hash);
  #token = this.#link.get("token") ?? "";
  #publisher: WhipPublisher | undefined;

  constructor() {
    super();
    const stream =
      this.#link.get("stream") ??
      new URLSearchParams(location.search).get("stream") ??
      streamOfToken(this.#token);
    const settings = loadSettings();
    this.settings = { ...settings, stream: stream ?? settings.stream };
    this.state = { kind: "idle" };
    this.stats = this.info = this.captured = undefined;
    this.devices = { cameras: [], microphones: [] };
    this.complaint = "";
    this.starting = false;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    const look = async () => {
      this.devices = await listDevices();
    };
    void look();
    navigator.mediaDevices?.addEventListener("devicechange", () => void look(), {
      signal: this.life,
    });
    addEventListener("pagehide", () => this.#publisher?.close(), { signal: this.life });
    addEventListener(
      "beforeunload",
      (event) => {
        if (this.#onAir) event.preventDefault();
      },
      { signal: this.life },
    );
  }

  protected override updated(changed: PropertyValues): void {
    const video = this.querySelector<HTMLVideoElement>("video");
    const stream = this.captured?.stream ?? null;
    if (video && video.srcObject !== stream) video.srcObject = stream;
    if (changed.has("settings")) saveSettings(this.settings);
  }

  get #onAir(): boolean {
    return ["connecting", "live", "reconnecting"].includes(this.state.kind);
  }

  async #choose(change: Partial<StudioSettings>): Promise<void> {
    const before = this.settings;
    this.settings = readSettings({ ...before, ...change });
    const source = ["source", "cameraId", "microphoneId", "height", "framesPerSecond"] as const;
    const other = source.some((key) => before[key] !== this.settings[key]);
    // A chosen test pattern shows itself; camera and screen ask first, so they wait for a button.
    if (other && (this.captured || this.settings.source === "pattern")) await this.#preview();
    if (change.bitrateKbps) {
      await this.#publisher?.setBitrate(this.settings.bitrateKbps * 1000).catch(() => undefined);
    }
  }

  /** Opens the chosen source; true when it is there. */
  async #preview(): Promise<boolean> {
    this.complaint = "";
    this.starting = true;
    try {
      const next = await capture(this.settings);
      const old = this.captured;
      this.captured = next;
      await this.#publisher?.replaceMedia(next.stream);
      old?.stop();
      // The browser's own "stop sharing" ends the track without asking us.
      next.stream.getVideoTracks()[0]?.addEventListener("ended", () => this.#sourceEnded(next));
      this.devices = await listDevices();
      return true;
    } catch (thrown) {
      this.complaint =
        thrown instanceof CaptureError ? thrown.message : toBanyanError(thrown).detail;
      return false;
    } finally {
      this.starting = false;
    }
  }

  #sourceEnded(capture: Capture): void {
    if (this.captured !== capture) return;
    this.#stop();
    this.captured = undefined;
    this.complaint = "The source ended: sharing was stopped, or the device was unplugged.";
  }

  async #goLive(): Promise<void> {
    const stream = this.settings.stream.trim();
    if (!isStreamName(stream)) {
      this.complaint =
        "Give the stream a name first: letters, digits, - and _; a channel may stand before it.";
      this.querySelector<HTMLInputElement>("#stream-name")?.focus();
      return;
    }
    if (!this.captured && !(await this.#preview())) return;
    if (!this.captured) return;
    const { bitrateKbps, codec, simulcast, framesPerSecond, source } = this.settings;
    const publisher = new WhipPublisher({
      node: location.origin,
      stream,
      media: this.captured.stream,
      token: this.#token || undefined,
      video: {
        bitrateBps: bitrateKbps * 1000,
        codec: codec || undefined,
        simulcast,
        framesPerSecond,
        contentHint: source === "screen" ? "detail" : "motion",
      },
      audio: { stereo: source !== "camera", bitrateBps: source === "camera" ? 64_000 : 128_000 },
    });
    this.#publisher = publisher;
    publisher.on("state", (state) => {
      if (this.#publisher !== publisher) return;
      this.state = state;
      if (state.kind !== "live") this.stats = undefined;
    });
    publisher.on("stats", (stats) => {
      if (this.state.kind === "live") this.stats = stats;
    });
    publisher.on("info", (info) => (this.info = info));
    publisher.start();
  }

  #stop(): void {
    this.#publisher?.close();
    this.#publisher = undefined;
    this.state = { kind: "idle" };
    this.stats = this.info = undefined;
  }

  #endPreview(): void {
    this.captured?.stop();
    this.captured = undefined;
  }

  protected override render(): TemplateResult {
    return html`
      <div class="stack">
        <div class="row apart">
          <h1>Studio</h1>
          ${this.#badge()}
        </div>
        <div class="studio">
          <div class="stack">
            ${this.#stage()} ${this.#trouble()}
            <div class="row">${this.#buttons()}</div>
            ${this.captured ? html`<level-meter .stream=${this.captured.stream}></level-meter>` : nothing}
            ${this.stats ? this.#figures(this.stats) : nothing} ${this.#share()}
          </div>
          <section class="card" aria-labelledby="settings-title">
            <form class="stack" @submit=${(event: Event) => event.preventDefault()}>
              <h2 id="settings-title">Settings</h2>
              ${this.#streamFields()} ${sourceFields(this.#form)} ${pictureFields(this.#form)}
            </form>
          </section>
        </div>
      </div>
    `;
  }

  get #form(): StudioForm {
    return {
      settings: this.settings,
      devices: this.devices,
      codecs: this.#codecs,
      onAir: this.#onAir,
      choose: (change) => void this.#choose(change),
    };
  }

  #badge(): TemplateResult {
    const { text, kind } = publisherWords(this.state);
    return html`<span
      class="badge ${kind}"
      role="status"
      data-testid="studio-state"
      data-state=${this.state.kind}
      data-reason=${this.#error?.reason ?? nothing}
      >${text}</span
    >`;
  }

  get #error(): BanyanError | undefined {
    const { state } = this;
    return state.kind === "refused" || state.kind === "reconnecting" ? state.error : undefined;
  }

  #stage(): TemplateResult {
    return html`<div class="stage">
      ${
        this.captured
          ? html`<video
              autoplay
              muted
              playsinline
              aria-label="Preview of what you send"
              data-testid="preview-video"
              .muted=${true}
            ></video>`
          : html`<p>${this.starting ? "Starting…" : "Your picture shows here before anybody sees it."}</p>`
      }
      ${this.state.kind === "live" ? html`<span class="badge live">On air</span>` : nothing}
    </div>`;
  }

  #trouble(): TemplateResult {
    const detail = publisherWords(this.state).detail || this.complaint;
    return html`<div role="alert" class="mute">${detail ? html`<p class="notice" data-testid="studio-trouble">${detail}</p>` : nothing}</div>`;
  }

  #buttons(): TemplateResult {
    if (this.#onAir) {
      return html`<button class="danger" data-testid="stop" @click=${this.#stop}>Stop broadcasting</button>
        ${this.info ? html`<span class="soft" data-testid="viewers">${count(this.info.viewers, "viewer")}</span>` : nothing}`;
    }
    return html`<button
        class="primary"
        data-testid="go-live"
        ?disabled=${this.starting}
        @click=${this.#goLive}
      >
        Go live
      </button>
      ${
        this.captured
          ? html`<button data-testid="end-preview" @click=${this.#endPreview}>End preview</button>`
          : html`<button data-testid="preview" ?disabled=${this.starting} @click=${this.#preview}>
              Preview
            </button>`
      }`;
  }

  #figures(stats: PublisherStats): TemplateResult {
    return html`<dl class="tiles" aria-label="Figures" data-testid="studio-stats">
      ${studioFigures(stats).map(
        ({ name, id, value, raw }) =>
          html`<div><dt>${name}</dt><dd data-testid=${id} data-value=${raw ?? nothing}>${value}</dd></div>`,
      )}
    </dl>`;
  }

  #share(): TemplateResult | typeof nothing {
    const stream = this.settings.stream.trim();
    if (!isStreamName(stream)) return nothing;
    const href = watchPageUrl(placeOf(location.origin, stream), this.#link.get("watch"));
    return html`<copy-link label="Link for your viewers" testid="share-link" href=${href}></copy-link>
      <p class="small">
        <a href=${href} target="_blank" rel="noopener" data-testid="open-watch">Open it in a new tab</a>
      </p>`;
  }

  #streamFields(): TemplateResult {
    return html`<div class="field">
        <label for="stream-name">Stream name</label>
        <input
          id="stream-name"
          data-testid="stream-name"
          autocomplete="off"
          autocapitalize="none"
          spellcheck="false"
          placeholder="garden or channel/garden"
          .value=${this.settings.stream}
          ?disabled=${this.#onAir}
          @input=${(event: Event) => void this.#choose({ stream: valueIn(event) })}
        />
      </div>
      <details ?open=${this.#error?.reason === "unauthorized" || this.#error?.reason === "forbidden"}>
        <summary>Key</summary>
        <div class="field">
          <label for="token">Publishing key (token)</label>
          <input
            id="token"
            type="password"
            autocomplete="off"
            data-testid="token"
            .value=${this.#token}
            ?disabled=${this.#onAir}
            @input=${(event: Event) => (this.#token = valueIn(event).trim())}
          />
          <span class="small soft">
            Comes with the studio link that the node prints. Make one with
            <code>./banyan token --publish NAME</code>.
          </span>
        </div>
      </details>`;
  }
}

const valueIn = (event: Event): string => (event.target as HTMLInputElement).value;

customElements.define("studio-page", StudioPage);
