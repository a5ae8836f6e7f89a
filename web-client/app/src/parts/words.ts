import type { BanyanError, NodeInfo, StreamInfo } from "@banyan/client";

/** Says "1 viewer", "2 viewers". */
export const count = (n: number, noun: string, plural = `${noun}s`): string =>
  `${n} ${n === 1 ? noun : plural}`;

/** How long something has been so, coarsely: "just now", "5 minutes", "3 hours", "2 days". */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return "under a minute";
  if (minutes < 60) return count(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return count(hours, "hour");
  return count(Math.floor(hours / 24), "day");
}

/** A node's host and port, which is how people tell nodes apart. */
export function hostOf(http: string): string {
  try {
    return new URL(http).host;
  } catch {
    return http;
  }
}

/** The codecs of a stream, the picture's first: "H264 + opus". */
export function codecsOf(stream: StreamInfo): string {
  const sound = (track: { kind: string }) => Number(track.kind === "audio");
  return stream.tracks
    .toSorted((a, b) => sound(a) - sound(b))
    .map((track) => track.codecName)
    .join(" + ");
}

/** What a page says when the node's API refuses. */
export function apiTrouble(error: BanyanError): { title: string; detail: string } {
  switch (error.reason) {
    case "network":
    case "timeout":
      return {
        title: "The node does not answer",
        detail: "It may have stopped, or your connection is down. This page tries again by itself.",
      };
    case "unauthorized":
    case "forbidden":
      return { title: "The node does not show this without a key", detail: error.detail };
    default:
      return { title: "The node could not tell", detail: error.detail };
  }
}

/** What a node does, in a sentence or two. */
export function nodeInWords(node: NodeInfo, nowMs: number): string {
  const up =
    node.startedAtMs > 0 ? ` It has been up for ${duration(nowMs - node.startedAtMs)}.` : "";
  const carries =
    node.publications + node.subscriptions + node.children === 0
      ? "It carries nothing at the moment."
      : `It carries ${count(node.publications, "stream")} to ${count(node.subscriptions, "viewer")}` +
        ` and relays to ${node.children} of at most ${count(node.maxChildren, "node")}.`;
  const neighbours = node.peers.length;
  const knows =
    neighbours === 0
      ? " It stands alone: no other node of its site is known."
      : ` It knows ${count(neighbours, "other node")} of its site.`;
  return carries + up + knows;
}

/** The state of a node: a badge's text and kind. */
export function nodeState(state: string): { text: string; kind: string } {
  switch (state) {
    case "ready":
    case "up":
    case "running":
      return { text: "Ready", kind: "good" };
    case "draining":
      return { text: "Going down: viewers are moved first", kind: "waiting" };
    case "starting":
      return { text: "Starting", kind: "waiting" };
    default:
      return { text: state || "Unknown", kind: "" };
  }
}
