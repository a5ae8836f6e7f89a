/** What a node's JSON API tells. Field names are the node's own. */

export type StreamState = "live" | "waiting" | "ended";

export interface TrackDescription {
  readonly kind: "audio" | "video";
  readonly codecName: string;
  readonly clockRateHz: number;
  readonly channels: number;
  readonly fmtp: string;
}

export interface StreamInfo {
  readonly name: string;
  readonly state: StreamState;
  /** Grows when the node changes that the broadcaster is connected to. */
  readonly epoch: number;
  readonly ingest: string;
  /** Start of this epoch, wall clock in ms. */
  readonly startedAtMs: number;
  /** In the whole site, as last told. */
  readonly viewers: number;
  readonly tracks: readonly TrackDescription[];
}

export interface TreeNode {
  readonly nodeId: string;
  readonly http: string;
  /** Empty at the root. */
  readonly parentId: string;
  readonly depth: number;
  readonly children: number;
  readonly maxChildren: number;
  readonly viewers: number;
}

export interface Peer {
  readonly nodeId: string;
  readonly http: string;
  readonly linked: boolean;
  /** -1: unmeasured. */
  readonly rttMs: number;
  /** 0 to 1; -1: unmeasured. */
  readonly loss: number;
}

export interface NodeInfo {
  readonly nodeId: string;
  readonly version: string;
  readonly site: string;
  readonly http: string;
  readonly state: string;
  readonly startedAtMs: number;
  readonly publications: number;
  readonly subscriptions: number;
  readonly children: number;
  readonly maxChildren: number;
  readonly bitsPerSecondIn: number;
  readonly bitsPerSecondOut: number;
  readonly udpPath: string;
  readonly cryptoPath: string;
  readonly peers: readonly Peer[];
}

type Json = Record<string, unknown>;

const record = (value: unknown): Json =>
  typeof value === "object" && value !== null ? (value as Json) : {};
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === "string" ? value : "");
const number = (value: unknown, otherwise = 0): number =>
  typeof value === "number" && Number.isFinite(value) ? value : otherwise;

/** Reads what may come from an older or newer node: what is missing gets a harmless value. */
export function readStreamInfo(value: unknown): StreamInfo {
  const json = record(value);
  const state = text(json["state"]).toLowerCase();
  return {
    name: text(json["name"]),
    state: state === "live" || state === "waiting" ? state : "ended",
    epoch: number(json["epoch"]),
    ingest: text(json["ingest"]),
    startedAtMs: number(json["startedAtMs"]),
    viewers: number(json["viewers"]),
    tracks: list(json["tracks"]).map(readTrack),
  };
}

function readTrack(value: unknown): TrackDescription {
  const json = record(value);
  return {
    kind: text(json["kind"]).toLowerCase() === "audio" ? "audio" : "video",
    codecName: text(json["codecName"]),
    clockRateHz: number(json["clockRateHz"]),
    channels: number(json["channels"]),
    fmtp: text(json["fmtp"]),
  };
}

export function readTreeNode(value: unknown): TreeNode {
  const json = record(value);
  return {
    nodeId: text(json["nodeId"]),
    http: text(json["http"]),
    parentId: text(json["parentId"]),
    depth: number(json["depth"]),
    children: number(json["children"]),
    maxChildren: number(json["maxChildren"]),
    viewers: number(json["viewers"]),
  };
}

export function readNodeInfo(value: unknown): NodeInfo {
  const json = record(value);
  return {
    nodeId: text(json["nodeId"]),
    version: text(json["version"]),
    site: text(json["site"]),
    http: text(json["http"]),
    state: text(json["state"]).toLowerCase(),
    startedAtMs: number(json["startedAtMs"]),
    publications: number(json["publications"]),
    subscriptions: number(json["subscriptions"]),
    children: number(json["children"]),
    maxChildren: number(json["maxChildren"]),
    bitsPerSecondIn: number(json["bitsPerSecondIn"]),
    bitsPerSecondOut: number(json["bitsPerSecondOut"]),
    udpPath: text(json["udpPath"]),
    cryptoPath: text(json["cryptoPath"]),
    peers: list(json["peers"]).map((peer) => {
      const { nodeId, http, linked, rttMs, loss } = record(peer);
      return {
        nodeId: text(nodeId),
        http: text(http),
        linked: linked === true,
        rttMs: number(rttMs, -1),
        loss: number(loss, -1),
      };
    }),
  };
}

/** The hops from the broadcaster's node to `nodeId`, root first; empty where it is not in the tree. */
export function pathTo(tree: readonly TreeNode[], nodeId: string): TreeNode[] {
  const byId = new Map(tree.map((node) => [node.nodeId, node]));
  const path: TreeNode[] = [];
  // A tree that changes while it is told may show a loop: never more hops than nodes.
  for (let at = byId.get(nodeId); at && path.length <= tree.length; at = byId.get(at.parentId)) {
    if (path.includes(at)) return [];
    path.unshift(at);
  }
  return path;
}
