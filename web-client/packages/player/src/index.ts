import { BanyanPlayer } from "./banyan-player.js";

// Two copies on one page (ours and an embedder's) must not fight over the name.
if (!customElements.get("banyan-player")) customElements.define("banyan-player", BanyanPlayer);

export * from "@banyan/client";
export { DASH, formatBitrate, formatMs, formatShare, formatSize } from "./format.js";
export { type Words, wordsFor, wordsForError } from "./words.js";
export { BanyanPlayer };

declare global {
  interface HTMLElementTagNameMap {
    "banyan-player": BanyanPlayer;
  }
  interface HTMLElementEventMap {
    "banyan-state": CustomEvent<import("@banyan/client").PlayerState>;
    "banyan-stats": CustomEvent<import("@banyan/client").PlayerStats>;
    "banyan-info": CustomEvent<import("@banyan/client").StreamInfo>;
  }
}
