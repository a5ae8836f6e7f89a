/**
 * A clock in the picture: a row of 26 blocks over the width of the picture. The first is white and the
 * last black, which tells a barcode from any other picture; the 24 between are the milliseconds of the
 * wall clock, lowest bit first, modulo 2^24 (4 h 39 min).
 */
const BLOCKS = 26;
const CLOCK_BITS = 24;
export const CLOCK_MODULUS_MS = 2 ** CLOCK_BITS;

/**
 * FFmpeg's filter chain that burns the clock in. A frame's stamp is the wall clock at the moment it is
 * made: that moment is what "captured" means here. What leaves the chain counts from `startMs` (epoch).
 */
export function barcodeFilter(width: number, startMs: number): string {
  const block = Math.floor(width / BLOCKS);
  const box = (x: number, blocks: number, color: string, when = "") =>
    `drawbox=x=${x * block}:y=0:w=${blocks * block}:h=${2 * block}:color=${color}:t=fill${when}`;
  const bits = Array.from({ length: CLOCK_BITS }, (_, bit) =>
    box(bit + 1, 1, "white", `:enable='mod(floor((t*1000+0.5)/pow(2\\,${bit}))\\,2)'`),
  );
  return [
    "settb=1/1000",
    "setpts=RTCTIME/1000",
    box(0, BLOCKS, "black"),
    box(0, 1, "white"),
    ...bits,
    `setpts=PTS-${startMs}`,
  ].join(",");
}

export interface ClockReading {
  /** Expected moment on screen, epoch ms. */
  readonly shownMs: number;
  /** The clock in the picture, modulo CLOCK_MODULUS_MS; undefined where none could be read. */
  readonly clockMs: number | undefined;
}

/** From the clock in a picture to its being shown. */
export function latencyMs({ shownMs, clockMs }: ClockReading): number | undefined {
  if (clockMs === undefined) return undefined;
  const difference = (shownMs - clockMs) % CLOCK_MODULUS_MS;
  // A frame that is shown "before" it was made would wrap to hours.
  return difference > CLOCK_MODULUS_MS / 2 ? difference - CLOCK_MODULUS_MS : difference;
}

/** In the page: reads the barcode of every frame presented in the next `ms`. */
export async function readClocks(ms: number): Promise<ClockReading[]> {
  const blocks = 26;
  const player = document.querySelector("banyan-player") as
    | (HTMLElement & { video?: HTMLVideoElement })
    | null;
  const video = player?.video;
  if (!video) throw new Error("there is no player on this page");
  // Four columns a block: the second lies where neither scaling nor the codec has blurred an edge.
  const canvas = new OffscreenCanvas(4 * blocks, 1);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  const readings: ClockReading[] = [];
  const read = (): number | undefined => {
    const block = Math.floor(video.videoWidth / blocks);
    context.drawImage(video, 0, block / 2, block * blocks, block, 0, 0, canvas.width, 1);
    const { data } = context.getImageData(0, 0, canvas.width, 1);
    const white = (i: number) => (data[(4 * i + 1) * 4 + 1] ?? 0) > 128;
    if (!white(0) || white(blocks - 1)) return undefined;
    let clock = 0;
    for (let bit = 0; bit < blocks - 2; bit++) if (white(bit + 1)) clock += 2 ** bit;
    return clock;
  };
  const end = performance.now() + ms;
  return new Promise((resolve) => {
    const next = () =>
      video.requestVideoFrameCallback((now, { expectedDisplayTime }) => {
        const shownMs = performance.timeOrigin + Math.max(now, expectedDisplayTime);
        readings.push({ shownMs, clockMs: read() });
        if (now < end) next();
      });
    next();
    // A picture that stands still must not keep us.
    setTimeout(() => resolve(readings), ms);
  });
}
