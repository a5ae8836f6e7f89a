import { svg, type TemplateResult } from "lit";

export interface Point {
  readonly atMs: number;
  readonly inBps: number;
  readonly outBps: number;
}

const WIDTH = 640;
const HEIGHT = 150;

/** The next 1, 2 or 5 times a power of ten: a ceiling that a person can read. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1_000_000;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

/** An SVG path through the values, the latest at the right edge. */
export function linePath(
  points: readonly Point[],
  pick: (point: Point) => number,
  ceiling: number,
  spanMs: number,
): string {
  const endMs = points.at(-1)?.atMs ?? 0;
  return points
    .map((point, i) => {
      const x = WIDTH - ((endMs - point.atMs) / spanMs) * WIDTH;
      const y = HEIGHT - (pick(point) / ceiling) * HEIGHT;
      return `${i === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}

/** Two lines over time; what they say stands in words beside the chart. */
export function throughputChart(points: readonly Point[], spanMs: number): TemplateResult {
  const ceiling = niceCeiling(Math.max(...points.flatMap((it) => [it.inBps, it.outBps]), 0));
  return svg`<svg class="chart" viewBox="0 -4 ${WIDTH} ${HEIGHT + 8}" preserveAspectRatio="none" aria-hidden="true">
    ${[0, 0.5, 1].map((share) => svg`<line class="grid" x1="0" x2=${WIDTH} y1=${share * HEIGHT} y2=${share * HEIGHT}></line>`)}
    <path class="in" d=${linePath(points, (it) => it.inBps, ceiling, spanMs)}></path>
    <path class="out" d=${linePath(points, (it) => it.outBps, ceiling, spanMs)}></path>
  </svg>` as TemplateResult;
}
