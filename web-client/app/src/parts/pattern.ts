/** A test broadcast made in the browser: moving picture with frame number, and a tone. */

export interface Pattern {
  readonly stream: MediaStream;
  stop(): void;
}

export interface PatternSize {
  readonly width: number;
  readonly height: number;
  readonly framesPerSecond: number;
}

const BARS = ["#d7dccf", "#c9b458", "#58a6a6", "#5f9e6e", "#a06a9c", "#b3574b", "#4a63a8"];

/** Draws frame `n`: bars, a ball that makes every lost frame visible, frame number and clock. */
export function drawPattern(
  context: CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D,
  { width, height, framesPerSecond }: PatternSize,
  n: number,
  now: Date,
): void {
  const unit = height / 18;
  BARS.forEach((colour, i) => {
    context.fillStyle = colour;
    context.fillRect((i * width) / BARS.length, 0, width / BARS.length + 1, height);
  });
  context.fillStyle = "#101713";
  context.fillRect(0, height * 0.68, width, height * 0.32);

  const turn = (2 * Math.PI * n) / (framesPerSecond * 4);
  const radius = unit * 1.6;
  context.fillStyle = "#ffffff";
  context.beginPath();
  context.arc(
    width / 2 + (width / 2 - 2 * radius) * Math.sin(turn),
    height * 0.34 + height * 0.2 * Math.sin(2 * turn),
    radius,
    0,
    2 * Math.PI,
  );
  context.fill();

  context.fillStyle = "#6fd3a5";
  context.fillRect(0, height * 0.68, (width * (n % framesPerSecond)) / framesPerSecond, unit * 0.5);
  context.fillStyle = "#f2f6f1";
  context.textBaseline = "middle";
  context.font = `700 ${unit * 2.2}px ui-monospace, "DejaVu Sans Mono", monospace`;
  context.textAlign = "left";
  context.fillText(String(n).padStart(6, "0"), unit, height * 0.8);
  context.textAlign = "right";
  context.fillText(now.toISOString().slice(11, 23), width - unit, height * 0.8);
  context.font = `500 ${unit * 1.1}px system-ui, sans-serif`;
  context.textAlign = "left";
  context.fillText("Banyan test pattern", unit, height * 0.92);
}

/** Starts drawing and sounding; needs a gesture before the tone is heard by anybody. */
export function startPattern(size: PatternSize): Pattern {
  const canvas = document.createElement("canvas");
  canvas.width = size.width;
  canvas.height = size.height;
  const context = canvas.getContext("2d", { alpha: false });
  if (!context) throw new Error("no 2d canvas");
  const output = videoOf(canvas, size.framesPerSecond);
  let n = 0;
  const stopTicking = everyFrame(size.framesPerSecond, () => {
    drawPattern(context, size, n, new Date());
    output.push();
    n += 1;
  });
  const tone = startTone();
  const stream = new MediaStream([output.track, ...tone.stream.getAudioTracks()]);
  return {
    stream,
    stop: () => {
      stopTicking();
      tone.stop();
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

interface FrameOutput {
  readonly track: MediaStreamTrack;
  push(): void;
}

interface TrackGenerator extends MediaStreamTrack {
  readonly writable: WritableStream<VideoFrame>;
}

/** A generator goes on in a tab that nobody looks at; a captured canvas does not. */
function videoOf(canvas: HTMLCanvasElement, framesPerSecond: number): FrameOutput {
  const Generator = (
    globalThis as { MediaStreamTrackGenerator?: new (init: { kind: "video" }) => TrackGenerator }
  ).MediaStreamTrackGenerator;
  if (!Generator || typeof VideoFrame === "undefined") {
    const [track] = canvas.captureStream(framesPerSecond).getVideoTracks();
    if (!track) throw new Error("no canvas capture");
    return { track, push: () => undefined };
  }
  const track = new Generator({ kind: "video" });
  const writer = track.writable.getWriter();
  return {
    track,
    push: () => {
      // A full queue means that nobody takes frames as fast: this one is left out.
      if (track.readyState !== "live" || (writer.desiredSize ?? 0) <= 0) return;
      const frame = new VideoFrame(canvas, { timestamp: performance.now() * 1000 });
      writer.write(frame).catch(() => frame.close());
    },
  };
}

/** Ticks from a worker, whose timers browsers do not slow down in a hidden tab. */
function everyFrame(framesPerSecond: number, tick: () => void): () => void {
  const worker = new Worker(new URL("./ticker.ts", import.meta.url), { type: "module" });
  worker.addEventListener("message", tick);
  worker.postMessage(framesPerSecond);
  return () => worker.terminate();
}

/** A soft chord that differs left and right, with a beep each second. */
function startTone(): Pattern {
  const context = new AudioContext({ sampleRate: 48_000 });
  const output = context.createMediaStreamDestination();
  const merger = context.createChannelMerger(2);
  merger.connect(output);
  const voices = [220, 330].map((hertz, channel) => {
    const voice = new OscillatorNode(context, { frequency: hertz });
    const gain = new GainNode(context, { gain: 0.06 });
    voice.connect(gain).connect(merger, 0, channel);
    return voice;
  });
  const beep = new OscillatorNode(context, { frequency: 880 });
  const envelope = new GainNode(context, { gain: 0 });
  beep.connect(envelope);
  envelope.connect(merger, 0, 0);
  envelope.connect(merger, 0, 1);
  // One second of envelope in a loop: exact, and without a timer.
  const shape = context.createBuffer(1, context.sampleRate, context.sampleRate);
  shape.getChannelData(0).fill(0.12, 0, context.sampleRate * 0.08);
  const pulse = new AudioBufferSourceNode(context, { buffer: shape, loop: true });
  pulse.connect(envelope.gain);
  for (const source of [...voices, beep, pulse]) source.start();
  void context.resume();
  return { stream: output.stream, stop: () => void context.close() };
}
