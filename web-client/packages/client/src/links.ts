import { BanyanError } from "./errors.js";

const STREAM = /^[A-Za-z0-9_-]{1,64}(\/[A-Za-z0-9_-]{1,64})?$/;

/** True for `name` and `channel/name`. */
export function isStreamName(name: string): boolean {
  return STREAM.test(name);
}

/** A stream at a node: what all addresses are made of. */
export interface Place {
  /** Base URL of the node, without a trailing slash. */
  readonly node: string;
  readonly stream: string;
}

/** Checks both halves and drops a trailing slash. */
export function placeOf(node: string, stream: string): Place {
  if (!isStreamName(stream)) {
    throw new BanyanError(
      "bad-name",
      "A stream is called name or channel/name, with letters, digits, - and _ (at most 64 each).",
    );
  }
  return { node: baseUrl(node), stream };
}

/** The place that a WHIP or WHEP address of a Banyan node means; undefined for other servers. */
export function placeOfEndpoint(url: string): Place | undefined {
  const { origin, pathname } = new URL(url);
  const match = /^(.*)\/(?:whip|whep)\/(.+?)\/?$/.exec(pathname);
  const stream = match?.[2];
  return stream !== undefined && isStreamName(stream)
    ? { node: origin + (match?.[1] ?? ""), stream }
    : undefined;
}

export const whipUrl = (place: Place): string => `${place.node}/whip/${place.stream}`;
export const whepUrl = (place: Place): string => `${place.node}/whep/${place.stream}`;
export const eventsUrl = (place: Place): string =>
  `${place.node}/api/v1/streams/${place.stream}/events`;
export const treeUrl = (place: Place): string =>
  `${place.node}/api/v1/streams/${place.stream}/tree`;

/**
 * The page where a person watches. A token goes into the fragment, which browsers send to nobody.
 */
export function watchPageUrl(place: Place, token?: string): string {
  return `${place.node}/watch/${place.stream}${fragmentOf({ token })}`;
}

/** The page where a person broadcasts. */
export function studioPageUrl(place: Place, token?: string): string {
  return `${place.node}/studio${fragmentOf({ stream: place.stream, token })}`;
}

/** The stream of a watch page's path, or undefined. */
export function streamOfWatchPath(pathname: string): string | undefined {
  const name = /\/watch\/(.+?)\/?$/.exec(pathname)?.[1];
  return name !== undefined && isStreamName(name) ? name : undefined;
}

/** `#token=..&stream=..` read into a record; what is not `key=value` is ignored. */
export function readFragment(hash: string): ReadonlyMap<string, string> {
  return new Map(new URLSearchParams(hash.replace(/^#/, "")));
}

/**
 * The stream that a token is for, read without checking anything: to fill in a form, nothing else.
 * Undefined for tokens of all streams and for what is no JWT.
 */
export function streamOfToken(token: string): string | undefined {
  try {
    const payload = (token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/");
    const { sub, stream } = JSON.parse(atob(payload)) as { sub?: unknown; stream?: unknown };
    const name = stream ?? sub;
    return typeof name === "string" && isStreamName(name) ? name : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A base URL that a node named: http(s), as it is, without a trailing slash.
 * Anything else throws, so that an event cannot send a player to `javascript:` or `file:`.
 */
export function baseUrl(text: string): string {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new BanyanError("bad-request", "A node's address is not a URL.");
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new BanyanError("bad-request", "A node's address starts with http:// or https://.");
  }
  return url.origin + url.pathname.replace(/\/+$/, "");
}

function fragmentOf(values: Record<string, string | undefined>): string {
  const pairs = Object.entries(values).filter((pair): pair is [string, string] => !!pair[1]);
  return pairs.length === 0 ? "" : `#${new URLSearchParams(pairs).toString()}`;
}
