import { type BanyanError, type PlayerState, type VideoLayer, videoCodecs } from "@banyan/client";

/** A state in words: what is the matter, and what to do about it. */
export interface Words {
  readonly title: string;
  readonly detail: string;
  /** A person may try again at once. */
  readonly retry: boolean;
  /** Something is under way. */
  readonly busy: boolean;
}

const busy = (title: string, detail = ""): Words => ({ title, detail, retry: false, busy: true });
const stop = (title: string, detail: string, retry = true): Words => ({
  title,
  detail,
  retry,
  busy: false,
});

/** Undefined while the picture speaks for itself. */
export function wordsFor(state: PlayerState): Words | undefined {
  switch (state.kind) {
    case "playing":
      return undefined;
    case "idle":
      return stop("Ready to play", "");
    case "connecting":
      return busy("Connecting…");
    case "waiting":
      return state.cause === "broadcaster"
        ? busy("Waiting for the broadcaster", "The picture starts by itself: no need to reload.")
        : busy("Waiting for the picture", "Nothing arrives at the moment.");
    case "reconnecting":
      return state.error.reason === "ice-loopback"
        ? { ...wordsForError(state.error), busy: true }
        : busy("Reconnecting…", wordsForError(state.error).detail);
    case "ended":
      return stop("The broadcast has ended", "It starts here again when the broadcaster returns.");
    case "refused":
      return wordsForError(state.error);
    case "closed":
      return stop("Stopped", "");
  }
}

/** A refusal in words. The node's own sentence goes first where it has one. */
export function wordsForError(error: BanyanError): Words {
  const said = error.status === undefined ? undefined : error.detail;
  switch (error.reason) {
    case "unsupported":
      return stop("This browser cannot play this", error.detail, false);
    case "bad-name":
      return stop("This is no stream name", error.detail, false);
    case "unauthorized":
      return stop(
        "This stream needs a key",
        said ?? "Ask the broadcaster for the whole link, with the part after #.",
      );
    case "forbidden":
      return stop("This link is for another stream", said ?? "Ask the broadcaster for a new one.");
    case "unknown-stream":
      return stop(
        "There is no such stream",
        "Check the name, or stay: it starts here as soon as somebody goes live with it.",
      );
    case "not-live":
      return stop("Waiting for the broadcaster", said ?? "");
    case "no-common-codec":
      return stop("This browser cannot decode this stream", codecHelp(said));
    case "rate-limited":
      return stop("Too many requests", said ?? "Wait a moment, then try again.");
    case "unavailable":
      return stop("The node is full or going down", said ?? "Try again, or use another node.");
    case "bad-request":
    case "server":
      return stop("The node could not serve this", error.detail);
    case "network":
    case "timeout":
      return stop("The node cannot be reached", error.detail);
    case "bad-answer":
      return stop("The node's answer makes no sense here", error.detail);
    case "ice-loopback":
      return stop(
        "No path for the picture",
        "This node gives out its loopback address only, which some browsers (Firefox among them) " +
          "refuse for media. Start it with ./banyan demo --lan, or open this page in another browser.",
      );
    case "ice-failed":
      return stop(
        "No path for the picture",
        `${error.detail} Media goes over UDP: a VPN, a firewall or a guest network may block it.`,
      );
    case "node-gone":
    case "stalled":
    case "session-gone":
    case "replaced":
      return stop("The connection was lost", error.detail);
  }
}

function codecHelp(said: string | undefined): string {
  const codecs = videoCodecs("receive");
  const help = codecs.includes("H264")
    ? `It decodes ${codecs.join(", ")}.`
    : "It has no H.264, as Firefox from Debian and some Chromium builds: switch its H.264 plugin " +
      "on, use another browser, or ask the broadcaster to send VP8.";
  return said === undefined ? help : `${said} ${help}`;
}

/** What a size is called: its lines where the node knows them, else its place. Highest first. */
export function layerName(layers: readonly VideoLayer[], place: number): string {
  const height = layers[place]?.height;
  if (height !== undefined) return `${height}p`;
  if (place === 0) return "High";
  if (place === layers.length - 1) return "Low";
  return layers.length > 3 ? `Medium ${place}` : "Medium";
}
