/** Figures for people; a dash stands for unknown. */
export const DASH = "–";

export function formatBitrate(bps: number | undefined): string {
  if (bps === undefined) return DASH;
  if (bps >= 1_000_000) return `${(bps / 1_000_000).toFixed(1)} Mbit/s`;
  return `${Math.round(bps / 1000)} kbit/s`;
}

export function formatMs(ms: number | undefined): string {
  if (ms === undefined) return DASH;
  return ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;
}

export function formatSize(width: number | undefined, height: number | undefined): string {
  return width && height ? `${width} × ${height}` : DASH;
}

export function formatShare(share: number | undefined): string {
  return share === undefined || share < 0 ? DASH : `${(share * 100).toFixed(1)} %`;
}
