import {
  type BanyanError,
  listStreams,
  type NodeInfo,
  nodeInfo,
  type Peer,
  placeOf,
  type StreamInfo,
  streamTree,
  type TreeNode,
  toBanyanError,
} from "@banyan/client";
import { DASH, formatBitrate, formatMs, formatShare } from "@banyan/player/format";
import { html, nothing, type TemplateResult } from "lit";
import { niceCeiling, type Point, throughputChart } from "../parts/chart.js";
import { Page, tokenOfPage } from "../parts/page.js";
import { apiTrouble, count, hostOf, nodeInWords, nodeState } from "../parts/words.js";

const REFRESH_MS = 2_000;
const SPAN_MS = 3 * 60_000;
/** Streams whose tree is asked for each time. */
const TREES_MAX = 12;

interface Carried {
  readonly stream: StreamInfo;
  readonly place: TreeNode;
}

/** What this node does, for the person who runs it. */
class NodePage extends Page {
  static override properties = {
    node: { state: true },
    carried: { state: true },
    points: { state: true },
    trouble: { state: true },
  };

  private declare node: NodeInfo | undefined;
  private declare carried: Carried[];
  private declare points: Point[];
  private declare trouble: BanyanError | undefined;

  constructor() {
    super();
    this.node = this.trouble = undefined;
    this.carried = [];
    this.points = [];
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.every(REFRESH_MS, () => this.#refresh());
  }

  async #refresh(): Promise<void> {
    const options = { token: tokenOfPage(), signal: this.life };
    try {
      const node = await nodeInfo(location.origin, options);
      const atMs = Date.now();
      this.node = node;
      this.points = [
        ...this.points.filter((point) => atMs - point.atMs < SPAN_MS),
        { atMs, inBps: node.bitsPerSecondIn, outBps: node.bitsPerSecondOut },
      ];
      const streams = (await listStreams(location.origin, options)).slice(0, TREES_MAX);
      const found = await Promise.all(
        streams.map(async (stream): Promise<Carried[]> => {
          const tree = await streamTree(placeOf(location.origin, stream.name), options).catch(
            () => [],
          );
          return tree
            .filter(({ nodeId }) => nodeId === node.nodeId)
            .map((place) => ({ stream, place }));
        }),
      );
      this.carried = found.flat();
      this.trouble = undefined;
    } catch (thrown) {
      if (!this.life.aborted) this.trouble = toBanyanError(thrown);
    }
  }

  protected override render(): TemplateResult {
    const { node } = this;
    return html`<div class="stack loose">
      <div class="stack">
        <div class="row apart">
          <h1>This node</h1>
          ${node ? this.#badge(node) : nothing}
        </div>
        ${this.#trouble()}
        ${node ? html`<p data-testid="node-words">${nodeInWords(node, Date.now())}</p>` : nothing}
      </div>
      ${node ? this.#about(node) : this.trouble ? nothing : html`<p class="soft">Looking…</p>`}
    </div>`;
  }

  #badge(node: NodeInfo): TemplateResult {
    const { text, kind } = nodeState(node.state);
    return html`<span class="badge ${kind}" data-testid="node-state" data-state=${node.state}>${text}</span>`;
  }

  #trouble(): TemplateResult | typeof nothing {
    if (!this.trouble) return nothing;
    const { title, detail } = apiTrouble(this.trouble);
    return html`<p class="notice" role="alert" data-testid="trouble"><strong>${title}.</strong> ${detail}</p>`;
  }

  #about(node: NodeInfo): TemplateResult {
    const tile = (name: string, value: string) =>
      html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
    return html`<dl class="tiles" aria-label="Figures" data-testid="node-tiles">
        ${tile("Streams", String(node.publications))} ${tile("Viewers", String(node.subscriptions))}
        ${tile("Relays to", `${node.children} of ${node.maxChildren}`)}
        ${tile("Receives", formatBitrate(node.bitsPerSecondIn))}
        ${tile("Sends", formatBitrate(node.bitsPerSecondOut))}
      </dl>
      ${this.#throughput(node)} ${this.#streams()} ${this.#peers(node)} ${this.#small(node)}`;
  }

  #throughput(node: NodeInfo): TemplateResult {
    const top = Math.max(...this.points.flatMap((it) => [it.inBps, it.outBps]), 0);
    return html`<section class="card stack" aria-labelledby="throughput-title">
      <h2 id="throughput-title">Throughput</h2>
      <div class="row small soft">
        <span class="key in">receives ${formatBitrate(node.bitsPerSecondIn)}</span>
        <span class="key">sends ${formatBitrate(node.bitsPerSecondOut)}</span>
      </div>
      ${throughputChart(this.points, SPAN_MS)}
      <p class="row apart small soft">
        <span>Last 3 minutes</span><span>top line ${formatBitrate(niceCeiling(top))}</span>
      </p>
    </section>`;
  }

  #streams(): TemplateResult {
    return html`<section class="card stack" aria-labelledby="streams-title">
      <h2 id="streams-title">Streams that it carries</h2>
      ${
        this.carried.length === 0
          ? html`<p class="soft" data-testid="carried-none">None at the moment.</p>`
          : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="streams-title">
              <table data-testid="carried">
                <thead>
                  <tr><th>Stream</th><th>Place</th><th>Viewers here</th><th>Relays</th></tr>
                </thead>
                <tbody>
                  ${this.carried.map(
                    ({ stream, place }) => html`<tr>
                      <td><a href="/watch/${stream.name}">${stream.name}</a></td>
                      <td>${place.parentId === "" ? "the broadcaster is here" : `hop ${place.depth + 1}`}</td>
                      <td>${place.viewers}</td>
                      <td>${place.children}</td>
                    </tr>`,
                  )}
                </tbody>
              </table>
            </div>`
      }
    </section>`;
  }

  #peers(node: NodeInfo): TemplateResult {
    return html`<section class="card stack" aria-labelledby="peers-title">
      <h2 id="peers-title">Other nodes</h2>
      ${
        node.peers.length === 0
          ? html`<p class="soft">None known. Start another with <code>./banyan node --join HOST:PORT</code>.</p>`
          : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="peers-title">
              <table data-testid="peers">
                <thead>
                  <tr><th>Node</th><th>Link</th><th>Round trip</th><th>Loss</th></tr>
                </thead>
                <tbody>${node.peers.map((peer) => this.#peer(peer))}</tbody>
              </table>
            </div>`
      }
    </section>`;
  }

  #peer(peer: Peer): TemplateResult {
    return html`<tr data-node=${peer.nodeId}>
      <td><a href="${peer.http}/node">${hostOf(peer.http)}</a></td>
      <td>${peer.linked ? "linked" : "known"}</td>
      <td>${peer.rttMs < 0 ? DASH : formatMs(peer.rttMs)}</td>
      <td>${formatShare(peer.loss)}</td>
    </tr>`;
  }

  #small(node: NodeInfo): TemplateResult {
    return html`<p class="small soft">
      Node <code>${node.nodeId}</code>, ${node.site ? `site ${node.site}, ` : ""}version
      ${node.version || DASH}. UDP: ${node.udpPath || DASH}, encryption: ${node.cryptoPath || DASH},
      ${count(node.peers.length, "peer")}.
    </p>`;
  }
}

customElements.define("node-page", NodePage);
