import type { BanyanError } from "./errors.js";
import type { StreamState } from "./model.js";

/** What a viewer sees. */
export type PlayerState =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "playing" }
  /** The session stands; `broadcaster`: they are away; `media`: nothing comes, and we do not know why. */
  | { readonly kind: "waiting"; readonly cause: "broadcaster" | "media" }
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly error: BanyanError }
  | { readonly kind: "ended" }
  | { readonly kind: "refused"; readonly error: BanyanError }
  | { readonly kind: "closed" };

/** All that the state follows from. */
export interface PlayerFacts {
  readonly life: "idle" | "running" | "closed";
  readonly link: "none" | "opening" | "open";
  readonly media: "never" | "flowing" | "silent";
  readonly stream: StreamState | undefined;
  /** Why there is no link, until the next answer. */
  readonly error: BanyanError | undefined;
  readonly attempt: number;
  /** No further try without a person, or a slow one only. */
  readonly refused: boolean;
}

export type PlayerInput =
  | { readonly type: "start" | "opening" | "opened" | "media" | "silence" | "close" }
  | { readonly type: "stream"; readonly state: StreamState }
  | { readonly type: "lost"; readonly error: BanyanError; readonly attempt: number }
  | { readonly type: "refused"; readonly error: BanyanError };

export const IDLE: PlayerFacts = {
  life: "idle",
  link: "none",
  media: "never",
  stream: undefined,
  error: undefined,
  attempt: 0,
  refused: false,
};

/** Pure: what we know after an input. */
export function learn(facts: PlayerFacts, input: PlayerInput): PlayerFacts {
  if (facts.life === "closed" && input.type !== "start") return facts;
  switch (input.type) {
    case "start":
      return { ...IDLE, life: "running", link: "opening" };
    case "opening":
      return { ...facts, link: "opening" };
    case "opened":
      return {
        ...facts,
        link: "open",
        // After a loss the viewer still sees "reconnecting" until there is a picture.
        error: facts.refused || facts.error?.reason === "not-live" ? undefined : facts.error,
        refused: false,
        stream: facts.stream === "ended" ? undefined : facts.stream,
      };
    case "media":
      return { ...facts, link: "open", media: "flowing", error: undefined, attempt: 0 };
    case "silence":
      return { ...facts, media: facts.media === "never" ? "never" : "silent" };
    case "stream":
      return {
        ...facts,
        stream: input.state,
        media: mediaAfter(facts.media, input.state),
      };
    case "lost":
      return {
        ...facts,
        link: "none",
        error: input.error,
        attempt: input.attempt,
        media: facts.media === "flowing" ? "silent" : facts.media,
        refused: false,
      };
    case "refused":
      return { ...facts, link: "none", error: input.error, refused: true };
    case "close":
      return { ...facts, life: "closed", link: "none" };
  }
}

function mediaAfter(media: PlayerFacts["media"], state: StreamState): PlayerFacts["media"] {
  // What comes after the end is another broadcast.
  if (state === "ended") return "never";
  return state === "waiting" && media === "flowing" ? "silent" : media;
}

/** Pure: what that means to a viewer. */
export function stateOf(facts: PlayerFacts): PlayerState {
  const { life, link, media, stream, error, attempt, refused } = facts;
  if (life !== "running") return { kind: life };
  if (stream === "ended") return { kind: "ended" };
  if (refused && error) return { kind: "refused", error };
  if (link === "open" && media === "flowing") return { kind: "playing" };
  if (stream === "waiting" || error?.reason === "not-live") {
    return { kind: "waiting", cause: "broadcaster" };
  }
  if (error) return { kind: "reconnecting", attempt, error };
  if (link === "open" && media === "silent") return { kind: "waiting", cause: "media" };
  return { kind: "connecting" };
}
