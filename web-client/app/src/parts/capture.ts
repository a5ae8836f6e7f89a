import { startPattern } from "./pattern.js";

export type SourceKind = "camera" | "screen" | "pattern";

export interface CaptureChoice {
  readonly source: SourceKind;
  readonly cameraId: string;
  readonly microphoneId: string;
  /** Lines of the picture: 360, 720, 1080. */
  readonly height: number;
  readonly framesPerSecond: number;
}

/** What is being sent, with the way to end it. */
export interface Capture {
  readonly stream: MediaStream;
  stop(): void;
}

/** Why a source is not there, in words for the person who asked for it. */
export class CaptureError extends Error {
  override readonly name = "CaptureError";

  constructor(
    readonly reason: "denied" | "missing" | "busy" | "insecure" | "unsupported" | "other",
    message: string,
  ) {
    super(message);
  }
}

/** Opens camera, screen or test pattern. Throws CaptureError. */
export async function capture(choice: CaptureChoice): Promise<Capture> {
  const { source, height, framesPerSecond } = choice;
  const width = Math.round((height * 16) / 9);
  if (source === "pattern") return startPattern({ width, height, framesPerSecond });
  const devices = navigator.mediaDevices;
  if (!devices) {
    throw new CaptureError(
      "insecure",
      "Browsers give camera and screen to pages over HTTPS or from localhost only. " +
        "The test pattern works here.",
    );
  }
  const size = {
    width: { ideal: width },
    height: { ideal: height },
    frameRate: { ideal: framesPerSecond },
  };
  try {
    if (source === "camera") return held(await openCamera(devices, choice, size));
    if (!devices.getDisplayMedia) {
      throw new CaptureError("unsupported", "This browser cannot share a screen.");
    }
    return held(await devices.getDisplayMedia({ video: size, audio: true }));
  } catch (thrown) {
    throw thrown instanceof CaptureError ? thrown : inWords(thrown, source);
  }
}

function openCamera(
  devices: MediaDevices,
  { cameraId, microphoneId }: CaptureChoice,
  size: MediaTrackConstraints,
): Promise<MediaStream> {
  const exactly = (id: string) => (id ? { deviceId: { exact: id } } : {});
  return devices.getUserMedia({
    video: { ...size, ...exactly(cameraId) },
    audio: microphoneId === "none" ? false : exactly(microphoneId),
  });
}

function held(stream: MediaStream): Capture {
  return {
    stream,
    stop: () => {
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

function inWords(thrown: unknown, source: "camera" | "screen"): CaptureError {
  const name = thrown instanceof DOMException ? thrown.name : "";
  const what = source === "camera" ? "camera and microphone" : "screen";
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new CaptureError(
        "denied",
        source === "camera"
          ? "The browser was not allowed to use camera and microphone. Allow it in the address bar, " +
              "and in the system's privacy settings, then try again."
          : "No screen was shared. Choose a window or screen when the browser asks.",
      );
    case "NotFoundError":
      return new CaptureError(
        "missing",
        `No ${what} was found. Plug one in, choose “No microphone”, or use the test pattern.`,
      );
    case "OverconstrainedError":
      return new CaptureError("missing", "The chosen device is gone. Choose another.");
    case "NotReadableError":
    case "AbortError":
      return new CaptureError(
        "busy",
        `Another program uses the ${what}, or the system holds it back. Close that program first.`,
      );
    default:
      return new CaptureError("other", `The ${what} did not start (${name || String(thrown)}).`);
  }
}

export interface DeviceList {
  readonly cameras: MediaDeviceInfo[];
  readonly microphones: MediaDeviceInfo[];
}

/** Devices; without names until the person has allowed their use once. */
export async function listDevices(): Promise<DeviceList> {
  const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
  const known = all.filter(({ deviceId }) => deviceId !== "");
  return {
    cameras: known.filter(({ kind }) => kind === "videoinput"),
    microphones: known.filter(({ kind }) => kind === "audioinput"),
  };
}
