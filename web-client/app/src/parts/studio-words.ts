import type { BanyanError, PublisherState, PublisherStats } from "@banyan/client";
import { DASH, formatBitrate, formatMs, formatShare, formatSize } from "@banyan/player/format";

/** A publisher's state as a badge, with a sentence where something is to be done. */
export function publisherWords(state: PublisherState): {
  text: string;
  kind: string;
  detail: string;
} {
  switch (state.kind) {
    case "idle":
    case "closed":
      return { text: "Off air", kind: "", detail: "" };
    case "connecting":
      return { text: "Connecting…", kind: "waiting", detail: "" };
    case "live":
      return { text: "Live", kind: "live", detail: "" };
    case "reconnecting":
      return { text: "Reconnecting…", kind: "waiting", detail: refusalWords(state.error) };
    case "refused":
      return { text: "Not live", kind: "waiting", detail: refusalWords(state.error) };
  }
}

/** Why going live did not work, in a sentence to act on. */
export function refusalWords(error: BanyanError): string {
  switch (error.reason) {
    case "unauthorized":
      return `The node asks for a publishing key. ${error.detail}`;
    case "forbidden":
      return `This key is not for this stream name. ${error.detail}`;
    case "no-common-codec":
      return `The node takes none of the codecs offered. ${error.detail}`;
    case "ice-loopback":
      return (
        "No path for the picture: this node gives out its loopback address only, which some browsers " +
        "(Firefox among them) refuse. Start it with ./banyan demo --lan, or use another browser."
      );
    case "ice-failed":
      return `${error.detail} Media goes over UDP: a VPN, a firewall or a guest network may block it.`;
    case "replaced":
      return `${error.detail} Press “Go live” to take the stream back.`;
    case "unsupported":
    case "bad-name":
    case "bad-request":
    case "unknown-stream":
    case "not-live":
    case "rate-limited":
    case "unavailable":
    case "server":
    case "network":
    case "node-gone":
    case "timeout":
    case "bad-answer":
    case "stalled":
    case "session-gone":
      return error.detail;
  }
}

const LIMITS: Record<string, string> = {
  none: "Nothing",
  cpu: "This computer",
  bandwidth: "The uplink",
  other: "Something else",
};

export interface Figure {
  readonly name: string;
  readonly id: string;
  readonly value: string;
  readonly raw?: number | undefined;
}

/** What a broadcaster wants to know while live. */
export function studioFigures(stats: PublisherStats): Figure[] {
  const sizes = stats.layers
    .filter(({ active, height }) => active && height)
    .map(({ height }) => `${height}p`)
    .join(", ");
  return [
    {
      name: "Bitrate",
      id: "bitrate",
      value: formatBitrate(stats.bitrateBps),
      raw: stats.bitrateBps,
    },
    { name: "Picture", id: "resolution", value: formatSize(stats.width, stats.height) },
    {
      name: "Frames a second",
      id: "fps",
      value: String(stats.framesPerSecond ?? DASH),
      raw: stats.framesPerSecond,
    },
    { name: "Round trip", id: "rtt", value: formatMs(stats.rttMs), raw: stats.rttMs },
    { name: "Packets lost", id: "lost", value: formatShare(stats.lossShare) },
    { name: "Codec", id: "codec", value: stats.videoCodec ?? DASH },
    {
      name: "Held back by",
      id: "limitation",
      value: LIMITS[stats.qualityLimitation] ?? stats.qualityLimitation,
    },
    ...(stats.layers.length > 1 ? [{ name: "Sizes", id: "layers", value: sizes || DASH }] : []),
  ];
}
