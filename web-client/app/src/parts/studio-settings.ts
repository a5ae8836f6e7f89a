import type { SourceKind } from "./capture.js";

/** All that a broadcaster chooses, apart from the key. */
export interface StudioSettings {
  readonly stream: string;
  readonly source: SourceKind;
  readonly cameraId: string;
  readonly microphoneId: string;
  readonly height: number;
  readonly framesPerSecond: number;
  readonly bitrateKbps: number;
  /** Empty: the browser's choice. */
  readonly codec: "" | "VP8" | "H264" | "VP9" | "AV1";
  readonly simulcast: boolean;
}

export const DEFAULTS: StudioSettings = {
  stream: "",
  source: "camera",
  cameraId: "",
  microphoneId: "",
  height: 720,
  framesPerSecond: 30,
  bitrateKbps: 2500,
  codec: "",
  simulcast: false,
};

const KEY = "banyan.studio";

const pick = <T>(value: unknown, allowed: readonly T[], otherwise: T): T =>
  allowed.includes(value as T) ? (value as T) : otherwise;
const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Settings out of anything, each one checked: what was stored may be of another version. */
export function readSettings(value: unknown): StudioSettings {
  const json =
    typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  const kbps = Number(json["bitrateKbps"]);
  return {
    stream: text(json["stream"]),
    source: pick(json["source"], ["camera", "screen", "pattern"], DEFAULTS.source),
    cameraId: text(json["cameraId"]),
    microphoneId: text(json["microphoneId"]),
    height: pick(Number(json["height"]), [360, 720, 1080], DEFAULTS.height),
    framesPerSecond: pick(Number(json["framesPerSecond"]), [15, 30, 60], DEFAULTS.framesPerSecond),
    bitrateKbps: kbps >= 100 && kbps <= 20_000 ? kbps : DEFAULTS.bitrateKbps,
    codec: pick(json["codec"], ["", "VP8", "H264", "VP9", "AV1"], DEFAULTS.codec),
    simulcast: json["simulcast"] === true,
  };
}

/** Settings of last time. Storage may be off: then everybody starts afresh. */
export function loadSettings(): StudioSettings {
  try {
    return readSettings(JSON.parse(localStorage.getItem(KEY) ?? "{}"));
  } catch {
    return DEFAULTS;
  }
}

export function saveSettings(settings: StudioSettings): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(settings));
  } catch {
    // Not kept, then.
  }
}
