/** The data channel between a page and its node; what is on it goes no further. */
export const NODE_CHANNEL = "banyan";

/**
 * The highest layer that anybody watches, 0 the lowest, as a node tells it: `{"type":"layers","highest":0}`;
 * Infinity for all. Undefined for whatever else a node may say.
 */
export function highestLayer(data: unknown): number | undefined {
  try {
    const { type, highest = Infinity } = JSON.parse(data as string);
    return type === "layers" && highest >= 0 ? +highest : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Rests the layers that nobody watches, and wakes those that rested for that reason alone.
 *
 * @param encodings lowest first; changed in place
 * @param rested indices of the layers that rest, kept from call to call
 */
export function restLayers(
  encodings: { active?: boolean }[],
  highest: number,
  rested: Set<number>,
): void {
  encodings.forEach((encoding, i) => {
    if (i > highest && encoding.active) {
      encoding.active = false;
      rested.add(i);
    } else if (i <= highest && rested.delete(i)) {
      encoding.active = true;
    }
  });
}
