import { ABS_CAPTURE_TIME } from "./sdp.js";

/** What browsers have beyond TypeScript's own description of WebRTC. */
interface HeaderExtension {
  readonly uri: string;
  readonly direction: string;
}
interface NegotiatesExtensions {
  getHeaderExtensionsToNegotiate?: () => HeaderExtension[];
  setHeaderExtensionsToNegotiate?: (extensions: HeaderExtension[]) => void;
}
interface LowLatencyReceiver {
  jitterBufferTarget?: number | null;
  playoutDelayHint?: number | null;
}

/** Names that a person knows codecs by. */
export type VideoCodec = "VP8" | "H264" | "VP9" | "AV1";

/** Switches abs-capture-time on where the browser has it off by default (webrtc-extensions, 4). */
export function offerCaptureTime(transceiver: RTCRtpTransceiver): void {
  const it = transceiver as NegotiatesExtensions;
  const extensions = it.getHeaderExtensionsToNegotiate?.();
  if (!extensions || !it.setHeaderExtensionsToNegotiate) return;
  try {
    it.setHeaderExtensionsToNegotiate(
      extensions.map((extension) =>
        extension.uri === ABS_CAPTURE_TIME ? { ...extension, direction: "sendrecv" } : extension,
      ),
    );
  } catch {
    // Latency stays unknown; nothing else depends on it.
  }
}

/** Asks for the smallest jitter buffer that the network allows. */
export function preferLowLatency(receiver: RTCRtpReceiver): void {
  const it = receiver as LowLatencyReceiver;
  try {
    if ("jitterBufferTarget" in receiver) it.jitterBufferTarget = 0;
    else if ("playoutDelayHint" in receiver) it.playoutDelayHint = 0;
  } catch {
    // A hint only.
  }
}

const bare = (mimeType: string): string => mimeType.replace(/^video\//i, "").toUpperCase();

/** Video codecs that this browser can send or receive, without RTX and the like. */
export function videoCodecs(direction: "send" | "receive"): string[] {
  if (typeof RTCRtpSender === "undefined") return [];
  const half = direction === "send" ? RTCRtpSender : RTCRtpReceiver;
  const names = half.getCapabilities("video")?.codecs.map((codec) => bare(codec.mimeType)) ?? [];
  return [...new Set(names)].filter((name) => !/^(RTX|RED|ULPFEC|FLEXFEC.*)$/.test(name));
}

/** Puts a codec first, and leaves the others as fallback. */
export function preferCodec(transceiver: RTCRtpTransceiver, codec: VideoCodec): void {
  const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  const first = codecs.filter((it) => bare(it.mimeType) === codec);
  if (first.length === 0 || !transceiver.setCodecPreferences) return;
  transceiver.setCodecPreferences([...first, ...codecs.filter((it) => !first.includes(it))]);
}

export interface EncodingChoice {
  readonly bitrateBps: number;
  /** 1 for no simulcast; see {@link simulcastLayers}. */
  readonly layers: 1 | 2 | 3;
  readonly codec?: VideoCodec | undefined;
  readonly framesPerSecond?: number | undefined;
}

/**
 * How many sizes of a picture make sense. Chromium sends no more than this, and where more are asked
 * for it leaves out the *largest* (libwebrtc's `kSimulcastFormats`).
 */
export function simulcastLayers(width = 1280, height = 720): 1 | 2 | 3 {
  const pixels = width * height;
  return pixels >= 960 * 540 ? 3 : pixels >= 480 * 270 ? 2 : 1;
}

const SHARES = { 1: [1], 2: [0.25, 0.75], 3: [0.09, 0.27, 0.64] } as const;

/**
 * What to send: one encoding, or up to three of a quarter, half and full size, smallest first
 * (RFC 8853). Chromium makes simulcast of VP9 and AV1 only where each encoding names a
 * scalability mode; otherwise it makes SVC of them.
 */
export function encodings(choice: EncodingChoice): RTCRtpEncodingParameters[] {
  const { bitrateBps, layers, codec, framesPerSecond } = choice;
  const common = framesPerSecond === undefined ? {} : { maxFramerate: framesPerSecond };
  if (layers === 1) return [{ ...common, maxBitrate: bitrateBps }];
  const mode = codec === "VP9" || codec === "AV1" ? { scalabilityMode: "L1T1" } : {};
  const sizes = [
    { rid: "q", scaleResolutionDownBy: 4 },
    { rid: "h", scaleResolutionDownBy: 2 },
    { rid: "f", scaleResolutionDownBy: 1 },
  ].slice(-layers);
  return SHARES[layers].map((share, i) => ({
    ...common,
    ...mode,
    ...sizes[i],
    maxBitrate: Math.round(bitrateBps * share),
  }));
}
