/** The data channel between a page and its node; what is on it goes no further. */
export const NODE_CHANNEL = "banyan";

/**
 * Names (rids) of the encodings that anybody watches, as a node tells them:
 * `{"type":"layers","needed":["q","f"]}`. Undefined for whatever else a node may say.
 */
export function neededLayers(data: unknown): ReadonlySet<string> | undefined {
  try {
    const { type, needed } = JSON.parse(data as string);
    const names =
      Array.isArray(needed) && needed.length > 0 && needed.every((it) => typeof it === "string");
    return type === "layers" && names ? new Set(needed) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Rests the encodings that nobody watches, and wakes those that rested for that reason alone.
 *
 * @param encodings changed in place; one without a name is left alone
 * @param rested names of the encodings that rest, kept from call to call
 */
export function restLayers(
  encodings: { rid?: string; active?: boolean }[],
  needed: ReadonlySet<string>,
  rested: Set<string>,
): void {
  for (const encoding of encodings) {
    const { rid } = encoding;
    if (rid === undefined) continue;
    if (!needed.has(rid) && encoding.active) {
      encoding.active = false;
      rested.add(rid);
    } else if (needed.has(rid) && rested.delete(rid)) {
      encoding.active = true;
    }
  }
}
