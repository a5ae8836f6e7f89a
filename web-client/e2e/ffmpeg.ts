import { chmodSync, existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { barcodeFilter } from "./barcode.js";
import { Program } from "./program.js";

const FOLDER = fileURLToPath(
  new URL("../../sfu-node/target/ffmpeg/org/bytedeco/ffmpeg/linux-x86_64", import.meta.url),
);
const WIDTH = 640;

/** The build that the tests fetch exists for this system only. */
export const FFMPEG_RUNS_HERE = process.platform === "linux" && process.arch === "x64";

/**
 * Starts FFmpeg's own WHIP muxer: H.264 baseline without delay in the encoder, a keyframe each second,
 * and Opus; 640x360 at 30 frames a second with a clock in each.
 */
export function ffmpegPublish(whip: string): Program {
  const program = `${FOLDER}/ffmpeg`;
  if (!existsSync(program)) {
    throw new Error(`${program} is missing: run mvn dependency:unpack@ffmpeg -pl sfu-node`);
  }
  // Archives of this kind do not say which files are programs.
  chmodSync(program, 0o755);
  // By default FFmpeg makes the first half second at once, which a camera cannot.
  const live = "-re -readrate_initial_burst 0 -f lavfi";
  const options = [
    "-hide_banner -nostdin -loglevel info",
    `${live} -i testsrc2=size=${WIDTH}x360:rate=30`,
    `${live} -i sine=frequency=440:sample_rate=48000:samples_per_frame=960`,
  ];
  const encoding = [
    "-fps_mode passthrough -pix_fmt yuv420p",
    "-c:v libopenh264 -profile:v constrained_baseline -b:v 1500k -g 30 -bf 0",
    "-c:a libopus -ar 48000 -ac 2 -b:a 64k -application lowdelay -frame_duration 20",
  ];
  // Both tracks count from here, as those of a camera do. Without it the one that FFmpeg opened later
  // seems to be ahead, and the browser holds the picture back to match the sound.
  const startMs = Date.now();
  const filters = [
    ...["-vf", barcodeFilter(WIDTH, startMs)],
    ...["-af", `asetpts=PTS-STARTPTS+(RTCSTART/1000-${startMs})/1000/TB`],
  ];
  const words = (lines: string[]) => lines.join(" ").split(" ");
  return Program.start(
    program,
    [...words(options), ...filters, ...words(encoding), "-f", "whip", whip],
    { LD_LIBRARY_PATH: FOLDER },
  );
}
