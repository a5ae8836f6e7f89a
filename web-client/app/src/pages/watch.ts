import "@banyan/player";
import "../parts/copy-link.js";
import {
  nodeInfo,
  type PlayerState,
  type PlayerStats,
  pathTo,
  placeOf,
  readFragment,
  type StreamInfo,
  streamOfWatchPath,
  streamTree,
  type TreeNode,
  watchPageUrl,
} from "@banyan/client";
import {
  type BanyanPlayer,
  DASH,
  formatBitrate,
  formatMs,
  formatShare,
  formatSize,
} from "@banyan/player";
import { html, nothing, type TemplateResult } from "lit";
import { Page, tokenOfPage } from "../parts/page.js";
import { count, hostOf } from "../parts/words.js";

const TREE_MS = 3_000;

/** One stream: the picture, its figures, and the way it took. */
class WatchPage extends Page {
  static override properties = {
    kind: { state: true },
    stats: { state: true },
    info: { state: true },
    path: { state: true },
  };

  private declare kind: PlayerState["kind"];
  private declare stats: PlayerStats | undefined;
  private declare info: StreamInfo | undefined;
  private declare path: TreeNode[];
  readonly #stream = streamOfWatchPath(location.pathname);
  readonly #token = tokenOfPage();
  /** For tests and kiosks: `#muted=0` asks for sound from the start. */
  readonly #muted = readFragment(location.hash).get("muted") !== "0";
  #served: { node: string; nodeId: string } | undefined;

  constructor() {
    super();
    this.kind = "idle";
    this.stats = this.info = undefined;
    this.path = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    if (!this.#stream) return;
    document.title = `${this.#stream} · Banyan`;
    this.every(TREE_MS, () => this.#findPath());
  }

  /** The tree tells the way; which of its nodes is ours only that node knows. */
  async #findPath(): Promise<void> {
    const node = this.querySelector<BanyanPlayer>("banyan-player")?.servedBy ?? location.origin;
    if (!this.#stream || this.kind === "idle") return;
    const options = { token: this.#token, signal: this.life };
    if (this.#served?.node !== node) {
      const { nodeId } = await nodeInfo(node, options);
      this.#served = { node, nodeId };
    }
    const tree = await streamTree(placeOf(node, this.#stream), options);
    this.path = pathTo(tree, this.#served?.nodeId ?? "");
  }

  #become(event: CustomEvent<PlayerState>): void {
    const first = this.kind !== "playing" && event.detail.kind === "playing";
    this.kind = event.detail.kind;
    if (this.kind !== "playing") this.stats = undefined;
    if (first) void this.#findPath().catch(() => undefined);
  }

  protected override render(): TemplateResult {
    const stream = this.#stream;
    if (!stream) return this.#noName();
    return html`
      <div class="theatre" data-testid="watch" data-state=${this.kind}>
        <banyan-player
          node=${location.origin}
          stream=${stream}
          .token=${this.#token ?? null}
          ?muted=${this.#muted}
          autoplay
          controls
          @banyan-state=${this.#become}
          @banyan-stats=${(event: CustomEvent<PlayerStats>) => (this.stats = event.detail)}
          @banyan-info=${(event: CustomEvent<StreamInfo>) => (this.info = event.detail)}
          >${this.#elsewhere()}</banyan-player
        >
        <div class="row apart">
          <h1>${stream}</h1>
          <div class="row">${this.#badge()}${this.#viewers()}</div>
        </div>
        ${
          this.kind === "refused"
            ? nothing
            : html`${this.#figures()}
                <section class="card stack" aria-labelledby="path-title">
                  <h2 id="path-title">How it reaches you</h2>
                  ${this.#hops()}
                </section>`
        }
        <section class="card stack" aria-label="Share">
          <copy-link
            label="Link to this stream"
            testid="watch-link"
            href=${watchPageUrl(placeOf(location.origin, stream), this.#token)}
          ></copy-link>
          ${
            this.#token
              ? html`<p class="small soft">The part after # is the key: who has it, watches.</p>`
              : nothing
          }
          <p class="small soft">
            Keys on the picture: <kbd>Space</kbd> pause, <kbd>M</kbd> mute, <kbd>F</kbd> full screen,
            <kbd>P</kbd> picture in picture, <kbd>S</kbd> figures, arrows volume.
          </p>
        </section>
      </div>
    `;
  }

  /** Where this stream does not play, another may. */
  #elsewhere(): TemplateResult | typeof nothing {
    return this.kind === "refused" || this.kind === "ended"
      ? html`<a slot="message" href="/" data-testid="see-live">See what is live</a>`
      : nothing;
  }

  #badge(): TemplateResult {
    const [text, kind] =
      this.kind === "playing"
        ? ["Live", "live"]
        : this.kind === "waiting"
          ? ["Waiting", "waiting"]
          : this.kind === "ended"
            ? ["Ended", ""]
            : this.kind === "refused"
              ? ["Not playing", ""]
              : ["Connecting", "waiting"];
    return html`<span class="badge ${kind}" data-testid="live-badge">${text}</span>`;
  }

  #viewers(): TemplateResult | typeof nothing {
    return this.info
      ? html`<span class="soft" data-testid="viewers">${count(this.info.viewers, "viewer")}</span>`
      : nothing;
  }

  #figures(): TemplateResult {
    const stats = this.stats;
    const tile = (name: string, id: string, value: string, raw?: number) =>
      html`<div>
        <dt>${name}</dt>
        <dd data-testid=${id} data-value=${raw ?? nothing}>${value}</dd>
      </div>`;
    const codecs = [stats?.videoCodec, stats?.audioCodec].filter(Boolean).join(" + ");
    return html`<dl class="tiles" aria-label="Figures">
      ${tile("Latency", "latency", formatMs(stats?.latencyMs), stats?.latencyMs)}
      ${tile("Bitrate", "bitrate", formatBitrate(stats?.bitrateBps), stats?.bitrateBps)}
      ${tile("Picture", "resolution", formatSize(stats?.width, stats?.height))}
      ${tile("Frames a second", "fps", String(stats?.framesPerSecond ?? DASH), stats?.framesPerSecond)}
      ${tile("Codecs", "codec", codecs || DASH)}
      ${tile("Freezes", "freezes", String(stats?.freezeCount ?? DASH), stats?.freezeCount)}
      ${tile("Packets lost", "lost", formatShare(stats?.lossShare), stats?.packetsLost)}
    </dl>`;
  }

  #hops(): TemplateResult {
    if (this.path.length === 0) {
      return html`<p class="soft" data-testid="path">
        ${this.kind === "playing" ? "Straight from this node." : "Known as soon as it plays."}
      </p>`;
    }
    return html`<ol class="path" data-testid="path" data-hops=${this.path.length}>
      ${this.path.map((hop, i) => {
        const last = i === this.path.length - 1;
        const note = i === 0 ? "broadcaster's node" : last ? "serves you" : "relay";
        return html`<li>
          <span class="hop ${last ? "here" : ""}" title=${hop.nodeId}>
            <b>node ${i + 1}</b>
            <span class="small soft">${hostOf(hop.http)}</span>
            <span class="small soft">${i === 0 && last ? `${note}, serves you` : note}</span>
          </span>
        </li>`;
      })}
    </ol>`;
  }

  #noName(): TemplateResult {
    return html`<div class="card stack" data-testid="no-name">
      <h1>This is no stream name</h1>
      <p>
        A watch page is at <code>/watch/name</code> or <code>/watch/channel/name</code>, with letters,
        digits, - and _ only.
      </p>
      <p><a class="button primary" href="/">See what is live</a></p>
    </div>`;
  }
}

customElements.define("watch-page", WatchPage);
