import { css } from "lit";

export const styles = css`
  :host {
    --_accent: var(--banyan-accent, #62c899);
    --_ink: var(--banyan-ink, #f2f6f1);
    --_back: var(--banyan-back, #0c110e);
    display: block;
    position: relative;
    color: var(--_ink);
    background: var(--_back);
    border-radius: var(--banyan-radius, 14px);
    overflow: hidden;
    font: 500 0.9375rem/1.4 var(--banyan-font, system-ui, sans-serif);
    aspect-ratio: var(--banyan-aspect, 16 / 9);
    min-block-size: 170px;
    container-type: inline-size;
  }
  :host([hidden]) {
    display: none;
  }
  .frame {
    position: absolute;
    inset: 0;
    background: var(--_back);
  }
  video {
    position: absolute;
    inset: 0;
    inline-size: 100%;
    block-size: 100%;
    object-fit: var(--banyan-fit, contain);
  }
  video.spare {
    visibility: hidden;
  }
  .dim video {
    opacity: 0.35;
  }
  .middle {
    position: absolute;
    inset: 0 0 52px;
    display: grid;
    place-content: center;
    justify-items: center;
    gap: 0.5rem;
    padding: 0.75rem 1rem 0;
    text-align: center;
    pointer-events: none;
    z-index: 1;
  }
  .middle > * {
    pointer-events: auto;
  }
  .title {
    font-size: clamp(1rem, 4cqi, 1.375rem);
    font-weight: 650;
    margin: 0;
    text-wrap: balance;
  }
  .detail {
    margin: 0;
    max-inline-size: 46ch;
    color: color-mix(in oklab, var(--_ink) 82%, var(--_back));
    font-size: clamp(0.8125rem, 2.6cqi, 0.9375rem);
    text-wrap: pretty;
    overflow-wrap: anywhere;
  }
  .ring {
    inline-size: 34px;
    block-size: 34px;
    border-radius: 50%;
    border: 3px solid color-mix(in oklab, var(--_ink) 25%, transparent);
    border-block-start-color: var(--_accent);
    animation: turn 1s linear infinite;
  }
  @keyframes turn {
    to {
      rotate: 1turn;
    }
  }
  button {
    font: inherit;
    color: inherit;
    background: none;
    border: 0;
    cursor: pointer;
  }
  button:focus-visible,
  input:focus-visible,
  select:focus-visible,
  .frame:focus-visible {
    outline: 3px solid var(--_accent);
    outline-offset: -3px;
  }
  .pill {
    background: #f2f6f1;
    color: #12301f;
    font-weight: 650;
    padding: 0.6rem 1.1rem;
    border-radius: 999px;
    display: inline-flex;
    align-items: center;
    gap: 0.5rem;
    min-block-size: 44px;
  }
  .pill:hover {
    background: #fff;
  }
  .pill:focus-visible {
    outline-offset: 3px;
  }
  .unmute {
    position: absolute;
    inset-block-start: 0.75rem;
    inset-inline-start: 0.75rem;
    box-shadow: 0 2px 14px rgb(0 0 0 / 0.4);
  }
  .controls {
    position: absolute;
    inset: auto 0 0;
    display: flex;
    align-items: center;
    gap: 0.125rem;
    padding: 1.25rem 0.375rem 0.25rem;
    background: linear-gradient(transparent, rgb(6 10 8 / 0.55) 30%, rgb(6 10 8 / 0.85));
    transition: opacity 0.2s;
  }
  .controls button {
    display: grid;
    place-items: center;
    inline-size: 44px;
    block-size: 44px;
    border-radius: 10px;
    padding: 0;
  }
  .controls button:hover {
    background: rgb(255 255 255 / 0.14);
  }
  .controls button[aria-pressed="true"] {
    color: #7fe0b4;
  }
  .resting .controls {
    opacity: 0;
    pointer-events: none;
  }
  .resting .controls:focus-within {
    opacity: 1;
  }
  .resting {
    cursor: none;
  }
  .space {
    flex: 1;
  }
  input[type="range"] {
    inline-size: clamp(56px, 16cqi, 110px);
    accent-color: var(--_accent);
    block-size: 24px;
    margin: 0 0.25rem;
  }
  select {
    font: inherit;
    font-size: 0.8125rem;
    font-weight: 650;
    color: inherit;
    color-scheme: dark;
    background: none;
    border: 0;
    border-radius: 10px;
    block-size: 44px;
    max-inline-size: 6.5rem;
    padding: 0 0.25rem;
    cursor: pointer;
  }
  select:hover {
    background: rgb(255 255 255 / 0.14);
  }
  option {
    color: #f2f6f1;
    background: #0c110e;
  }
  .badge {
    display: inline-flex;
    align-items: center;
    gap: 0.375rem;
    font-size: 0.8125rem;
    font-weight: 650;
    padding: 0 0.5rem;
    white-space: nowrap;
  }
  .dot {
    inline-size: 9px;
    block-size: 9px;
    border-radius: 50%;
    background: #9aa79f;
  }
  .playing .dot {
    background: #ff6b5e;
  }
  .figures {
    position: absolute;
    inset-block-start: 0.5rem;
    inset-inline-end: 0.5rem;
    max-block-size: calc(100% - 64px);
    overflow: auto;
    margin: 0;
    padding: 0.5rem 0.75rem;
    border-radius: 10px;
    background: rgb(6 10 8 / 0.82);
    font-size: 0.75rem;
    display: grid;
    grid-template-columns: auto auto;
    gap: 0.0625rem 0.75rem;
    font-variant-numeric: tabular-nums;
  }
  .figures dt {
    color: #b9c6be;
  }
  .figures dd {
    margin: 0;
    text-align: end;
  }
  .quiet {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @container (max-width: 760px) {
    /* A small picture has no room to spare: the pill takes the place of the strip's own button. */
    .unmute {
      inset-block: auto 8px;
      inset-inline-start: 54px;
      min-block-size: 36px;
      inline-size: 100px;
      justify-content: center;
      padding: 0 0.5rem;
      font-size: 0.8125rem;
      z-index: 1;
    }
    .unmute::before {
      content: "";
      position: absolute;
      inset: -4px 0;
    }
    .hushed .controls [aria-label="Unmute"] {
      visibility: hidden;
      inline-size: 108px;
    }
  }
  @container (max-width: 380px) {
    .hushed .badge {
      display: none;
    }
    .choice .badge,
    .choice [data-testid="pip-toggle"] {
      display: none;
    }
    .middle {
      gap: 0.25rem;
      padding-block-start: 0.25rem;
    }
    .middle .pill {
      padding: 0.375rem 1rem;
      min-block-size: 40px;
    }
  }
  @container (max-width: 380px) {
    input[type="range"] {
      display: none;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .ring {
      animation: none;
      border-color: var(--_accent);
      border-style: dotted;
    }
    .controls {
      transition: none;
    }
  }
`;
