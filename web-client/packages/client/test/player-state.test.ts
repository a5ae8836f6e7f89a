import { expect, test } from "vitest";
import { BanyanError } from "../src/errors.js";
import { IDLE, learn, type PlayerInput, stateOf } from "../src/player-state.js";

const after = (...inputs: PlayerInput[]) => {
  const state = stateOf(inputs.reduce(learn, IDLE));
  return state.kind === "waiting" ? `waiting:${state.cause}` : state.kind;
};
const start: PlayerInput = { type: "start" };
const opened: PlayerInput = { type: "opened" };
const media: PlayerInput = { type: "media" };
const stream = (state: "live" | "waiting" | "ended"): PlayerInput => ({ type: "stream", state });
const lost = (reason: "network" | "not-live"): PlayerInput => ({
  type: "lost",
  error: new BanyanError(reason, "x"),
  attempt: 1,
});
const refused = (reason: "unknown-stream" | "unauthorized"): PlayerInput => ({
  type: "refused",
  error: new BanyanError(reason, "x"),
});

test.each<[string, PlayerInput[]]>([
  ["idle", []],
  ["connecting", [start]],
  ["connecting", [start, opened, stream("live")]],
  ["playing", [start, opened, media]],
  ["waiting:media", [start, opened, media, { type: "silence" }]],
  ["connecting", [start, opened, { type: "silence" }]],
  ["waiting:broadcaster", [start, opened, media, stream("waiting")]],
  ["waiting:broadcaster", [start, opened, media, { type: "silence" }, stream("waiting")]],
  // The picture is quicker than the event.
  ["playing", [start, opened, media, stream("waiting"), media]],
  ["waiting:broadcaster", [start, lost("not-live")]],
  ["waiting:broadcaster", [start, lost("not-live"), { type: "opening" }]],
  ["connecting", [start, lost("not-live"), { type: "opening" }, opened]],
  ["reconnecting", [start, opened, media, lost("network")]],
  // Still so with a new session, until it has a picture.
  ["reconnecting", [start, opened, media, lost("network"), { type: "opening" }, opened]],
  ["playing", [start, opened, media, lost("network"), { type: "opening" }, opened, media]],
  ["refused", [start, refused("unknown-stream")]],
  ["refused", [start, refused("unknown-stream"), { type: "opening" }]],
  ["connecting", [start, refused("unknown-stream"), { type: "opening" }, opened]],
  ["ended", [start, opened, media, stream("ended"), refused("unknown-stream")]],
  ["connecting", [start, opened, media, stream("ended"), { type: "opening" }, opened]],
  ["closed", [start, opened, media, { type: "close" }]],
  ["closed", [start, { type: "close" }, media]],
  ["connecting", [start, refused("unauthorized"), start]],
])("%s", (kind, inputs) => {
  expect(after(...inputs)).toBe(kind);
});
