import { BanyanError, toBanyanError } from "./errors.js";
import { baseUrl, type Place, treeUrl } from "./links.js";
import {
  type NodeInfo,
  readNodeInfo,
  readStreamInfo,
  readTreeNode,
  type StreamInfo,
  type TreeNode,
} from "./model.js";
import { errorOf } from "./problem.js";

export interface RequestOptions {
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** How long we wait for the head of an answer: longer than a node waits for a stream from afar. */
const ANSWER_MS_MAX = 12_000;

/** `fetch` with the token, a time limit, and refusals as BanyanErrors. */
export async function request(
  url: string,
  init: RequestInit,
  { token, signal }: RequestOptions,
): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token) headers.set("authorization", `Bearer ${token}`);
  const timer = new AbortController();
  const timeout = setTimeout(
    () => timer.abort(new BanyanError("timeout", "The node did not answer in time.")),
    ANSWER_MS_MAX,
  );
  const signals = [timer.signal, ...(signal ? [signal] : [])];
  try {
    const response = await fetch(url, {
      ...init,
      headers,
      credentials: "omit",
      cache: "no-store",
      signal: anySignal(signals),
    });
    if (!response.ok) throw await errorOf(response, Date.now());
    return response;
  } catch (thrown) {
    signal?.throwIfAborted();
    throw toBanyanError(thrown);
  } finally {
    clearTimeout(timeout);
  }
}

/** `AbortSignal.any`, which Safari has since 17.4 only. */
export function anySignal(signals: AbortSignal[]): AbortSignal {
  if (typeof AbortSignal.any === "function") return AbortSignal.any(signals);
  const controller = new AbortController();
  for (const signal of signals) {
    if (signal.aborted) controller.abort(signal.reason);
    signal.addEventListener("abort", () => controller.abort(signal.reason), { once: true });
  }
  return controller.signal;
}

async function json(url: string, options: RequestOptions): Promise<Record<string, unknown>> {
  const response = await request(url, { headers: { accept: "application/json" } }, options);
  try {
    return (await response.json()) as Record<string, unknown>;
  } catch (thrown) {
    options.signal?.throwIfAborted();
    throw new BanyanError("server", "The node's answer is not JSON.", { cause: thrown });
  }
}

/** Live streams and those that wait for their broadcaster. */
export async function listStreams(
  node: string,
  options: RequestOptions = {},
): Promise<StreamInfo[]> {
  const { streams } = await json(`${baseUrl(node)}/api/v1/streams`, options);
  return Array.isArray(streams) ? streams.map(readStreamInfo) : [];
}

/** What a node tells of itself. */
export async function nodeInfo(node: string, options: RequestOptions = {}): Promise<NodeInfo> {
  return readNodeInfo(await json(`${baseUrl(node)}/api/v1/node`, options));
}

/** The relay tree of a stream, root first. */
export async function streamTree(place: Place, options: RequestOptions = {}): Promise<TreeNode[]> {
  const { nodes } = await json(treeUrl(place), options);
  return Array.isArray(nodes) ? nodes.map(readTreeNode) : [];
}
