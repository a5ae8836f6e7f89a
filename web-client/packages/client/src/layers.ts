import { linksOf } from "./sdp.js";

/** One size of the picture, as the broadcaster sends it (simulcast). */
export interface VideoLayer {
  /** What the broadcaster calls it; for `chooseLayer`. */
  readonly id: string;
  /** It arrives at the node; one that does not is sent again when the broadcaster's line allows. */
  readonly active: boolean;
  readonly width: number | undefined;
  readonly height: number | undefined;
}

const LAYER = /;\s*rel\s*=\s*"?urn:ietf:params:whep:ext:core:layer"?/i;

/** Where a WHEP session's layers are, from the `Link` header of its 201. */
export function layerUrlOf(link: string | null, base: string): string | undefined {
  const part = linksOf(link).find((it) => LAYER.test(it));
  const target = /<([^>]*)>/.exec(part ?? "")?.[1];
  return target !== undefined && URL.canParse(target, base)
    ? new URL(target, base).href
    : undefined;
}

/** The first section's layers of a WHEP `layers` object, highest first; what makes no sense is left out. */
export function readLayers(value: unknown): VideoLayer[] {
  const section = Object.values(record(value))[0];
  const { active, inactive } = record(section);
  return [...read(active, true), ...read(inactive, false)]
    .sort((a, b) => b.place - a.place)
    .map(({ layer }) => layer);
}

function read(list: unknown, active: boolean): { place: number; layer: VideoLayer }[] {
  if (!Array.isArray(list)) return [];
  return list.map(record).flatMap(({ id, simulcastIdx, width, height }) =>
    typeof id === "string" && id !== ""
      ? [
          {
            place: number(simulcastIdx) ?? 0,
            layer: { id, active, width: number(width), height: number(height) },
          },
        ]
      : [],
  );
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
