/** Figures from `RTCPeerConnection.getStats`, reduced to what a person or a log wants. */

type Report = Iterable<unknown>;
interface Stat {
  readonly id: string;
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Totals of the sample before, to make rates from. */
export interface StatsMemory {
  readonly atMs: number;
  readonly bytes: number;
  readonly packets: number;
  readonly lost: number;
  readonly jitterDelay: number;
  readonly jitterCount: number;
  readonly progress: number;
  readonly encodedFrames: number;
}

export interface PlayerStats {
  readonly atMs: number;
  /** Audio and video; undefined until there are two samples. */
  readonly bitrateBps: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number | undefined;
  readonly framesDecoded: number;
  readonly framesDropped: number;
  readonly freezeCount: number;
  readonly freezesMs: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** Of the last interval, 0 to 1. */
  readonly lossShare: number | undefined;
  /** What the jitter buffer held back lately, in milliseconds. */
  readonly jitterBufferMs: number | undefined;
  readonly rttMs: number | undefined;
  readonly videoCodec: string | undefined;
  readonly audioCodec: string | undefined;
  /** From capture to display, by the broadcaster's clock and ours; undefined when unknown. */
  readonly latencyMs: number | undefined;
  /** True where media moved since the sample before. */
  readonly progressed: boolean;
}

export interface LayerStats {
  readonly rid: string;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesPerSecond: number | undefined;
  readonly active: boolean;
}

export interface PublisherStats {
  readonly atMs: number;
  readonly bitrateBps: number | undefined;
  readonly framesPerSecond: number | undefined;
  readonly width: number | undefined;
  readonly height: number | undefined;
  readonly framesEncoded: number;
  readonly rttMs: number | undefined;
  /** As the node reports it, 0 to 1. */
  readonly lossShare: number | undefined;
  /** `none`, `cpu`, `bandwidth` or `other`. */
  readonly qualityLimitation: string;
  readonly videoCodec: string | undefined;
  /** Smallest first; one without a rid where there is no simulcast. */
  readonly layers: readonly LayerStats[];
  readonly progressed: boolean;
}

const number = (value: unknown): number | undefined =>
  typeof value === "number" && Number.isFinite(value) ? value : undefined;
const sum = (stats: readonly Stat[], key: string): number =>
  stats.reduce((total, stat) => total + (number(stat[key]) ?? 0), 0);

function index(report: Report): Map<string, Stat> {
  const stats = new Map<string, Stat>();
  for (const stat of report as Iterable<Stat>) stats.set(stat.id, stat);
  return stats;
}

const ofType = (stats: Map<string, Stat>, type: string, kind?: string): Stat[] =>
  [...stats.values()].filter(
    (stat) => stat.type === type && (kind === undefined || stat["kind"] === kind),
  );

function codecOf(stats: Map<string, Stat>, stat: Stat | undefined): string | undefined {
  const mime = stats.get(String(stat?.["codecId"]))?.["mimeType"];
  return typeof mime === "string" ? mime.replace(/^(audio|video)\//, "") : undefined;
}

/** Bits per second between two totals; undefined where the counter restarted or no time passed. */
export function bitrate(
  before: { atMs: number; bytes: number } | undefined,
  now: { atMs: number; bytes: number },
): number | undefined {
  if (!before || now.atMs <= before.atMs || now.bytes < before.bytes) return undefined;
  return ((now.bytes - before.bytes) * 8000) / (now.atMs - before.atMs);
}

/** Lost packets of an interval, 0 to 1. Repaired packets lower `lost`, which is no loss. */
export function lossShare(
  before: { packets: number; lost: number } | undefined,
  now: { packets: number; lost: number },
): number | undefined {
  if (!before) return undefined;
  const lost = Math.max(0, now.lost - before.lost);
  const all = lost + now.packets - before.packets;
  return all > 0 ? lost / all : undefined;
}

function roundTrip(stats: Map<string, Stat>): number | undefined {
  const pairs = ofType(stats, "candidate-pair");
  const selected = ofType(stats, "transport")
    .map((transport) => stats.get(String(transport["selectedCandidatePairId"])))
    .find((pair) => pair !== undefined);
  const pair = selected ?? pairs.find((it) => it["nominated"] === true);
  const seconds = number(pair?.["currentRoundTripTime"]);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** A player's figures; `latencyMs` comes from {@link latencyOf}. */
export function samplePlayer(
  report: Report,
  atMs: number,
  latencyMs: number | undefined,
  before: StatsMemory | undefined,
): { stats: PlayerStats; memory: StatsMemory } {
  const stats = index(report);
  const inbound = ofType(stats, "inbound-rtp");
  const video = ofType(stats, "inbound-rtp", "video").at(-1);
  const audio = ofType(stats, "inbound-rtp", "audio").at(-1);
  const frames = number(video?.["framesDecoded"]) ?? 0;
  const hasVideo = (number(video?.["packetsReceived"]) ?? 0) > 0;
  const memory: StatsMemory = {
    atMs,
    bytes: sum(inbound, "bytesReceived"),
    packets: sum(inbound, "packetsReceived"),
    lost: sum(inbound, "packetsLost"),
    jitterDelay: number((video ?? audio)?.["jitterBufferDelay"]) ?? 0,
    jitterCount: number((video ?? audio)?.["jitterBufferEmittedCount"]) ?? 0,
    // A picture that stands still is no progress, however much sound there is.
    progress: hasVideo ? frames : (number(audio?.["packetsReceived"]) ?? 0),
    encodedFrames: 0,
  };
  const emitted = before ? memory.jitterCount - before.jitterCount : 0;
  return {
    memory,
    stats: {
      atMs,
      bitrateBps: bitrate(before, memory),
      width: number(video?.["frameWidth"]),
      height: number(video?.["frameHeight"]),
      framesPerSecond: number(video?.["framesPerSecond"]),
      framesDecoded: frames,
      framesDropped: number(video?.["framesDropped"]) ?? 0,
      freezeCount: number(video?.["freezeCount"]) ?? 0,
      freezesMs: (number(video?.["totalFreezesDuration"]) ?? 0) * 1000,
      packetsReceived: memory.packets,
      packetsLost: memory.lost,
      lossShare: lossShare(before, memory),
      jitterBufferMs:
        before && emitted > 0
          ? ((memory.jitterDelay - before.jitterDelay) / emitted) * 1000
          : undefined,
      rttMs: roundTrip(stats),
      videoCodec: codecOf(stats, video),
      audioCodec: codecOf(stats, audio),
      latencyMs,
      progressed: memory.progress > (before?.progress ?? 0),
    },
  };
}

/** A publisher's figures. */
export function samplePublisher(
  report: Report,
  atMs: number,
  before: StatsMemory | undefined,
): { stats: PublisherStats; memory: StatsMemory } {
  const stats = index(report);
  const outbound = ofType(stats, "outbound-rtp");
  const video = ofType(stats, "outbound-rtp", "video").sort(
    (a, b) => (number(a["frameWidth"]) ?? 0) - (number(b["frameWidth"]) ?? 0),
  );
  const top = video.filter((it) => it["active"] !== false).at(-1) ?? video.at(-1);
  const remote = ofType(stats, "remote-inbound-rtp");
  const losses = remote.flatMap((it) => number(it["fractionLost"]) ?? []);
  const seconds = remote.flatMap((it) => number(it["roundTripTime"]) ?? [])[0];
  const memory: StatsMemory = {
    atMs,
    bytes: sum(outbound, "bytesSent"),
    packets: sum(outbound, "packetsSent"),
    lost: 0,
    jitterDelay: 0,
    jitterCount: 0,
    progress: sum(outbound, "packetsSent"),
    encodedFrames: sum(video, "framesEncoded"),
  };
  return {
    memory,
    stats: {
      atMs,
      bitrateBps: bitrate(before, memory),
      framesPerSecond: number(top?.["framesPerSecond"]),
      width: number(top?.["frameWidth"]),
      height: number(top?.["frameHeight"]),
      framesEncoded: memory.encodedFrames,
      rttMs: roundTrip(stats) ?? (seconds === undefined ? undefined : seconds * 1000),
      lossShare: losses.length > 0 ? Math.max(...losses) : undefined,
      qualityLimitation: String(top?.["qualityLimitationReason"] ?? "none"),
      videoCodec: codecOf(stats, top),
      layers: video.map((it) => ({
        rid: typeof it["rid"] === "string" ? it["rid"] : "",
        width: number(it["frameWidth"]),
        height: number(it["frameHeight"]),
        framesPerSecond: number(it["framesPerSecond"]),
        active: it["active"] !== false && (number(it["framesPerSecond"]) ?? 0) > 0,
      })),
      progressed: memory.progress > (before?.progress ?? 0),
    },
  };
}

/** Seconds from 1900, where NTP counts from, to 1970 (RFC 5905, 6). */
const NTP_TO_UNIX_MS = 2_208_988_800_000;
/** Beyond this the clocks of broadcaster and viewer disagree, and the figure means nothing. */
const LATENCY_MS_MAX = 60_000;

/** Milliseconds since 1970 from a stamp of either epoch: NTP's is far in the future of Unix. */
export function unixMs(stampMs: number): number {
  return stampMs > NTP_TO_UNIX_MS + 1_000_000_000_000 ? stampMs - NTP_TO_UNIX_MS : stampMs;
}

/** What `RTCRtpReceiver.getSynchronizationSources` gives, with webrtc-extensions. */
export interface SynchronizationSource {
  readonly timestamp: number;
  readonly captureTimestamp?: number;
  readonly senderCaptureTimeOffset?: number;
}

/**
 * Time from capture to playout: by abs-capture-time of the frame played last, else by the
 * estimated playout stamp of RTCP. Undefined when neither is known, or where clocks disagree.
 */
export function latencyOf(
  sources: readonly SynchronizationSource[],
  report: Report,
  nowMs: number,
): number | undefined {
  const latest = [...sources].sort((a, b) => b.timestamp - a.timestamp)[0];
  if (latest?.captureTimestamp) {
    const playedMs = Math.abs(nowMs - latest.timestamp) < 5_000 ? latest.timestamp : nowMs;
    return plausible(playedMs - unixMs(latest.captureTimestamp));
  }
  for (const stat of report as Iterable<Stat>) {
    const stamp =
      stat.type === "inbound-rtp" ? number(stat["estimatedPlayoutTimestamp"]) : undefined;
    if (stamp) return plausible(nowMs - unixMs(stamp));
  }
  return undefined;
}

function plausible(latencyMs: number): number | undefined {
  // A little below zero is two clocks that agree as well as clocks do.
  if (latencyMs < -20 || latencyMs > LATENCY_MS_MAX) return undefined;
  return Math.max(0, latencyMs);
}
