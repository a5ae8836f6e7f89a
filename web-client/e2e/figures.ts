import { appendFileSync } from "node:fs";
import { loadavg } from "node:os";

/** Prints a measured figure as one line, and appends it to the file that BANYAN_FIGURES names. */
export function figure(what: string, value: number | string, unit = "", note = ""): void {
  const shown = typeof value === "number" ? String(Math.round(value * 10) / 10) : value;
  const load = `load ${(loadavg()[0] ?? 0).toFixed(1)}`;
  const line = `figure: ${what} = ${[shown, unit].filter(Boolean).join(" ")} (${[note, load].filter(Boolean).join("; ")})`;
  console.log(line);
  const file = process.env["BANYAN_FIGURES"];
  if (file) appendFileSync(file, line + "\n");
}

/** NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);
