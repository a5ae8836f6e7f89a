import type { PlayerStats, VideoLayer } from "@banyan/client";
import { html, nothing, type TemplateResult } from "lit";
import { DASH, formatBitrate, formatMs, formatShare, formatSize } from "./format.js";
import { icons } from "./icons.js";
import { layerName, type Words } from "./words.js";

/** What is the matter, in the middle of the picture. `first`: nothing was tried yet. */
export function messageView(words: Words, first: boolean, again: () => void): TemplateResult {
  const { title, detail, retry, busy } = words;
  return html`
    <div class="middle" part="message">
      ${busy ? html`<div class="ring" aria-hidden="true"></div>` : nothing}
      <p class="title" data-testid="player-state">${title}</p>
      ${detail ? html`<p class="detail" data-testid="player-detail">${detail}</p>` : nothing}
      <slot name="message"></slot>
      ${
        retry
          ? html`<button class="pill" part="retry" data-testid="player-retry" @click=${again}>
              ${first ? html`${icons.play} Play` : "Try again"}
            </button>`
          : nothing
      }
    </div>
  `;
}

/** Browsers start with sound off: the way to it. */
export function unmuteView(unmute: () => void): TemplateResult {
  return html`<button class="pill unmute" part="unmute" data-testid="unmute" @click=${unmute}>
    ${icons.muted} Unmute
  </button>`;
}

/** A button that shows an icon and says its label. */
export function button(
  label: string,
  icon: TemplateResult,
  action: () => void,
  id: string,
  pressed?: boolean,
): TemplateResult {
  return html`<button
    type="button"
    aria-label=${label}
    title=${label}
    aria-pressed=${pressed ?? nothing}
    data-testid=${id}
    @click=${action}
  >
    ${icon}
  </button>`;
}

/** The sizes of the picture; the browser's own menu, so that every keyboard and reader knows it. */
export function qualityView(
  layers: readonly VideoLayer[],
  chosen: string,
  on: { readonly choose: (id: string) => void; readonly look: () => void },
): TemplateResult {
  return html`<select
    part="quality"
    aria-label="Quality"
    title="Quality"
    data-testid="quality"
    @focus=${on.look}
    @change=${(event: Event) => on.choose((event.target as HTMLSelectElement).value)}
  >
    <option value="" .selected=${chosen === ""}>Auto</option>
    ${layers.map(
      ({ id }, place) =>
        html`<option value=${id} .selected=${chosen === id}>${layerName(layers, place)}</option>`,
    )}
  </select>`;
}

/** All figures, over a corner of the picture. */
export function figuresView(stats: PlayerStats | undefined): TemplateResult {
  const codecs = [stats?.videoCodec, stats?.audioCodec].filter(Boolean).join(" + ");
  const rows: [string, string][] = [
    ["Latency", formatMs(stats?.latencyMs)],
    ["Bitrate", formatBitrate(stats?.bitrateBps)],
    ["Picture", formatSize(stats?.width, stats?.height)],
    ["Frames", stats?.framesPerSecond === undefined ? DASH : `${stats.framesPerSecond} fps`],
    ["Codecs", codecs || DASH],
    ["Freezes", stats ? `${stats.freezeCount} (${formatMs(stats.freezesMs)})` : DASH],
    ["Lost", stats ? `${stats.packetsLost} (${formatShare(stats.lossShare)})` : DASH],
    ["Buffer", formatMs(stats?.jitterBufferMs)],
    ["Round trip", formatMs(stats?.rttMs)],
  ];
  return html`<dl class="figures" part="stats" data-testid="player-stats">
    ${rows.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}
  </dl>`;
}
