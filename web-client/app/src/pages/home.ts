import {
  type BanyanError,
  isStreamName,
  listStreams,
  placeOf,
  type StreamInfo,
  toBanyanError,
  whipUrl,
} from "@banyan/client";
import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { Page, tokenOfPage } from "../parts/page.js";
import { apiTrouble, codecsOf, count, duration } from "../parts/words.js";

const REFRESH_MS = 3_000;

/** What is live, a way to open a stream by name, and how to go live oneself. */
class HomePage extends Page {
  static override properties = {
    streams: { state: true },
    trouble: { state: true },
    complaint: { state: true },
  };

  private declare streams: StreamInfo[] | undefined;
  private declare trouble: BanyanError | undefined;
  private declare complaint: string;

  constructor() {
    super();
    this.streams = this.trouble = undefined;
    this.complaint = "";
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.every(REFRESH_MS, () => this.#refresh());
  }

  async #refresh(): Promise<void> {
    try {
      const all = await listStreams(location.origin, { token: tokenOfPage(), signal: this.life });
      this.streams = all
        .filter(({ state }) => state !== "ended")
        .sort((a, b) => a.state.localeCompare(b.state) || a.name.localeCompare(b.name));
      this.trouble = undefined;
    } catch (thrown) {
      if (!this.life.aborted) this.trouble = toBanyanError(thrown);
    }
  }

  #open(event: SubmitEvent): void {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get("stream") ?? "").trim();
    if (isStreamName(name)) location.assign(`/watch/${name}${location.hash}`);
    else {
      this.complaint =
        "A name has letters, digits, - and _ only; a channel may stand before it: channel/name.";
    }
  }

  protected override render(): TemplateResult {
    return html`
      <div class="stack loose">
        <div class="hero">
          <h1>Live now</h1>
          <p class="soft">Streams that this node and its neighbours carry.</p>
        </div>
        ${this.#trouble()}
        <section aria-label="Live streams" data-testid="streams" data-count=${this.streams?.length ?? ""}>
          ${this.#list()}
        </section>
        <section class="card stack" aria-labelledby="open-title">
          <h2 id="open-title">Open a stream by name</h2>
          <form class="open" @submit=${this.#open} novalidate>
            <div class="field">
              <label for="open-name">Stream name</label>
              <input
                id="open-name"
                name="stream"
                data-testid="open-name"
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                placeholder="garden or channel/garden"
                aria-describedby="open-complaint"
                aria-invalid=${this.complaint ? "true" : nothing}
                @input=${() => (this.complaint = "")}
              />
            </div>
            <button class="primary" data-testid="open-button">Watch</button>
          </form>
          <p id="open-complaint" class="small mute" role="alert">${this.complaint}</p>
        </section>
        ${this.streams && this.streams.length > 0 ? this.#howTo() : nothing}
      </div>
    `;
  }

  #trouble(): TemplateResult | typeof nothing {
    if (!this.trouble) return nothing;
    const { title, detail } = apiTrouble(this.trouble);
    return html`<p class="notice" role="alert" data-testid="trouble"><strong>${title}.</strong> ${detail}</p>`;
  }

  #list(): TemplateResult | typeof nothing {
    if (!this.streams) return this.trouble ? nothing : html`<p class="soft">Looking…</p>`;
    if (this.streams.length === 0) return this.#empty();
    return html`<ul class="streams">
      ${repeat(
        this.streams,
        ({ name }) => name,
        (stream) => this.#card(stream),
      )}
    </ul>`;
  }

  #card(stream: StreamInfo): TemplateResult {
    const live = stream.state === "live";
    const since = live && stream.startedAtMs > 0 ? Date.now() - stream.startedAtMs : undefined;
    const facts = [
      count(stream.viewers, "viewer"),
      since === undefined ? "" : `for ${duration(since)}`,
      codecsOf(stream),
    ].filter(Boolean);
    return html`<li>
      <a class="card" href="/watch/${stream.name}" data-testid="stream-card" data-stream=${stream.name}>
        <span class="row apart">
          <h2>${stream.name}</h2>
          <span class="badge ${live ? "live" : "waiting"}">${live ? "Live" : "Waiting"}</span>
        </span>
        <span class="soft small">${facts.join(" · ")}</span>
      </a>
    </li>`;
  }

  #empty(): TemplateResult {
    return html`<div class="card stack" data-testid="empty">
      <h2>Nobody is live yet. Be the first.</h2>
      <p>Broadcast from this browser, with your camera, your screen or a test pattern:</p>
      <p><a class="button primary" href="/studio">Open the studio</a></p>
      ${this.#tools()}
    </div>`;
  }

  #howTo(): TemplateResult {
    return html`<section class="card stack" aria-labelledby="how-title">
      <h2 id="how-title">Go live yourself</h2>
      <p><a class="button" href="/studio">Open the studio</a></p>
      ${this.#tools()}
    </section>`;
  }

  #tools(): TemplateResult {
    const url = whipUrl(placeOf(location.origin, "my-stream"));
    return html`<p>Or point OBS, FFmpeg or GStreamer at this WHIP address, with a name of your choice:</p>
      <pre data-testid="whip-url">${url}</pre>`;
  }
}

customElements.define("home-page", HomePage);
