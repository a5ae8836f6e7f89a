/**
 * `@banyan/client`: publish and play live video over WHIP and WHEP, with what a Banyan node adds:
 * stream events, moves between nodes, and its JSON API. No framework, no dependency.
 */
export { listStreams, nodeInfo, type RequestOptions, streamTree } from "./api.js";
export { Backoff, type BackoffOptions } from "./backoff.js";
export { Emitter } from "./emitter.js";
export { BanyanError, type ErrorReason, toBanyanError } from "./errors.js";
export type { VideoLayer } from "./layers.js";
export {
  eventsUrl,
  isStreamName,
  type Place,
  placeOf,
  placeOfEndpoint,
  readFragment,
  streamOfToken,
  streamOfWatchPath,
  studioPageUrl,
  watchPageUrl,
  whepUrl,
  whipUrl,
} from "./links.js";
export { type VideoCodec, videoCodecs } from "./media-setup.js";
export {
  type NodeInfo,
  type Peer,
  pathTo,
  type StreamInfo,
  type StreamState,
  type TrackDescription,
  type TreeNode,
} from "./model.js";
export type { PlayerState } from "./player-state.js";
export type { LayerStats, PlayerStats, PublisherStats } from "./stats.js";
export { followStream, type StreamEvent } from "./stream-events.js";
export {
  type PlayerTarget,
  WhepPlayer,
  type WhepPlayerEvents,
  type WhepPlayerOptions,
} from "./whep-player.js";
export {
  type AudioChoice,
  type PublisherState,
  type VideoChoice,
  WhipPublisher,
  type WhipPublisherEvents,
  type WhipPublisherOptions,
} from "./whip-publisher.js";
