import { svg, type TemplateResult } from "lit";

const icon = (path: string): TemplateResult =>
  svg`<svg viewBox="0 0 24 24" width="22" height="22" fill="none" stroke="currentColor" stroke-width="1.9"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false"><path d=${path}></path></svg>` as TemplateResult;

/** Drawn for this player: strokes only, so that they follow the text colour. */
export const icons = {
  play: icon("M8 5.5v13l10.5-6.5z"),
  pause: icon("M8.5 6v12M15.5 6v12"),
  sound: icon("M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM15.5 9a4 4 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11"),
  muted: icon("M4 9.5v5h3.5L12 18.5v-13L7.5 9.5zM16 9.5l5 5M21 9.5l-5 5"),
  full: icon("M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"),
  window: icon("M4 5h16v14H4zM12.5 12.5H17v3.5h-4.5z"),
  figures: icon("M5 19v-6M10 19V9M15 19v-8M20 19V5"),
} as const;
