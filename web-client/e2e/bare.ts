import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { open } from "./browser.js";

/** What a bare session sends or takes. */
export interface Terms {
  readonly path: "whip" | "whep";
  readonly stream: string;
  readonly audio?: boolean;
  /** Of a publisher: which codec, and how it encodes the picture of {@link WIDTH} by {@link HEIGHT}. */
  readonly video?: { readonly codec?: string; readonly encodings?: Encoding[] };
  /** Offers the dependency descriptor, which browsers do not by themselves for every codec. */
  readonly descriptor?: boolean;
  /** Labels of the data channels that it opens; "unordered" is. */
  readonly labels?: string[];
}

/** TypeScript's own lacks the layers inside an encoding. */
export interface Encoding extends RTCRtpEncodingParameters {
  readonly scalabilityMode?: string;
}

export const WIDTH = 640;
export const HEIGHT = 360;
export const FRAMES_PER_SECOND = 30;

/** What the pages of bare sessions keep. */
declare global {
  interface Window {
    banyanChannels: Map<string, RTCDataChannel>;
    banyanMessages: { label: string; ordered: boolean; text: string | null; bytes: number[] }[];
    /** The layers resource of a viewer's session. */
    banyanLayers: string;
  }
}

/** A session without our SDK, as any page may have one. */
export async function join(
  browser: Browser,
  http: string,
  terms: Terms,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const page = await open(browser, `${http}/`, options);
  await joinFrom(page, http, terms);
  return page;
}

/** Whatever drives a page. */
export interface Driven {
  evaluate<Arg, R>(run: (arg: Arg) => R | Promise<R>, arg: Arg): Promise<R>;
}

/** Likewise from a page of the node that is open. */
export async function joinFrom(page: Driven, http: string, terms: Terms): Promise<void> {
  await page.evaluate(negotiate, {
    url: `${http}/${terms.path}/${terms.stream}`,
    picture: { width: WIDTH, height: HEIGHT, frameRate: FRAMES_PER_SECOND },
    ...terms,
  });
}

async function negotiate(terms: Terms & { url: string; picture: MediaTrackConstraints }) {
  window.banyanChannels = new Map();
  window.banyanMessages = [];
  const peer = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  const { audio = true, video: { codec, encodings = [] } = {} } = terms;
  let video: RTCRtpTransceiver;
  if (terms.path === "whip") {
    const camera = await navigator.mediaDevices.getUserMedia({ video: terms.picture, audio });
    for (const track of camera.getAudioTracks()) peer.addTrack(track, camera);
    const [track] = camera.getVideoTracks();
    if (!track) throw new Error("there is no camera");
    const sendEncodings = encodings;
    video = peer.addTransceiver(track, { direction: "sendonly", sendEncodings });
    if (codec) {
      const codecs = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
      const wanted = [`video/${codec}`, "video/rtx"];
      video.setCodecPreferences(codecs.filter((it) => wanted.includes(it.mimeType)));
    }
  } else {
    if (audio) peer.addTransceiver("audio", { direction: "recvonly" });
    video = peer.addTransceiver("video", { direction: "recvonly" });
    const element = document.createElement("video");
    const shown = new MediaStream();
    element.muted = true;
    element.autoplay = true;
    element.srcObject = shown;
    document.body.append(element);
    peer.addEventListener("track", ({ track }) => shown.addTrack(track));
  }
  if (terms.descriptor) {
    const negotiable = video as unknown as {
      getHeaderExtensionsToNegotiate(): { uri: string; direction: string }[];
      setHeaderExtensionsToNegotiate(extensions: { uri: string; direction: string }[]): void;
    };
    const extensions = negotiable.getHeaderExtensionsToNegotiate();
    for (const extension of extensions) {
      if (extension.uri.includes("dependency-descriptor")) extension.direction = "sendrecv";
    }
    negotiable.setHeaderExtensionsToNegotiate(extensions);
  }
  for (const label of terms.labels ?? []) {
    const channel = peer.createDataChannel(label, { ordered: label !== "unordered" });
    window.banyanChannels.set(label, channel);
  }
  peer.addEventListener("datachannel", ({ channel }) => {
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) => {
      window.banyanMessages.push({
        label: channel.label,
        ordered: channel.ordered,
        text: typeof data === "string" ? data : null,
        bytes: typeof data === "string" ? [] : Array.from(new Uint8Array(data)),
      });
    });
  });
  await peer.setLocalDescription();
  const answer = await fetch(terms.url, {
    method: "POST",
    headers: { "Content-Type": "application/sdp" },
    body: peer.localDescription?.sdp ?? "",
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
  const link = answer.headers.get("Link") ?? "";
  const layers = /<([^>]*)>; rel="urn:ietf:params:whep:ext:core:layer"/.exec(link)?.[1] ?? "";
  window.banyanLayers = new URL(layers, terms.url).href;
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
}

/** Tells the node which layer a viewer wants: an object as the layers resource takes it. */
export function choose(page: Driven, choice: object): Promise<void> {
  return page.evaluate(async (body) => {
    const answer = await fetch(window.banyanLayers, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body,
    });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
  }, JSON.stringify(choice));
}

/** How many messages have come on the channel of a label. */
export const count = (page: Driven, label: string): Promise<number> =>
  page.evaluate((it) => window.banyanMessages.filter((m) => m.label === it).length, label);

/** What a viewer's browser has counted. */
export interface Seen {
  /** Of the session, and of its path. */
  readonly state: string;
  readonly height: number;
  readonly decoded: number;
  readonly dropped: number;
  readonly keyframes: number;
  readonly freezes: number;
  /** How often it has asked for a keyframe, as a decoder does that cannot go on. */
  readonly refreshes: number;
  readonly lost: number;
  readonly codec: string;
  readonly heard: number;
}

export function seen(page: Driven): Promise<Seen> {
  return page.evaluate(async () => {
    type Stat = Record<string, unknown>;
    const stats = await window.banyanPeers.at(-1)?.getStats();
    const report = stats as unknown as Map<string, Stat> | undefined;
    const all = [...(report?.values() ?? [])];
    const inbound = (kind: string) =>
      all.find((it) => it["type"] === "inbound-rtp" && it["kind"] === kind);
    const [video, audio] = [inbound("video"), inbound("audio")];
    const number = (stat: Stat | undefined, key: string) => Number(stat?.[key] ?? 0);
    const peer = window.banyanPeers.at(-1);
    return {
      state: `${peer?.connectionState}, ${peer?.iceConnectionState}`,
      height: number(video, "frameHeight"),
      decoded: number(video, "framesDecoded"),
      dropped: number(video, "framesDropped"),
      keyframes: number(video, "keyFramesDecoded"),
      freezes: number(video, "freezeCount"),
      refreshes: number(video, "pliCount") + number(video, "firCount"),
      lost: number(video, "packetsLost"),
      codec: String(report?.get(String(video?.["codecId"]))?.["mimeType"] ?? "none"),
      heard: number(audio, "packetsReceived"),
    };
  }, null);
}
