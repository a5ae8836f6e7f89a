package live.banyan.mesh.tree;

import live.banyan.mesh.wire.TreeMessage;

/** What can happen to a stream's tree at one node. */
public sealed interface TreeEvent {
  /** A local viewer wants the stream. Answered by Attached or Refused. */
  record Wanted() implements TreeEvent {}

  /** No local viewer wants it any more. */
  record Unwanted() implements TreeEvent {}

  /** A local publisher feeds the stream. */
  record Rooted(long epoch) implements TreeEvent {}

  /** It no longer does. */
  record Unrooted() implements TreeEvent {}

  /** The directory's word on the stream. */
  record StreamSeen(long epoch, String ingest, boolean live) implements TreeEvent {}

  /** The directory knows the stream no more. */
  record StreamGone() implements TreeEvent {}

  /** The carriers, or the nodes, have changed. */
  record SurroundingsChanged() implements TreeEvent {}

  /** A link is there. */
  record LinkUp(String nodeId) implements TreeEvent {}

  /** A link is gone, or did not come. */
  record LinkDown(String nodeId) implements TreeEvent {}

  /** A node said something about the stream. */
  record Heard(String from, TreeMessage message) implements TreeEvent {}

  /** Media of a parent arrives: its first packet, or the first after a silence. */
  record ParentFlowing(String parentId) implements TreeEvent {}

  /** Media of a parent has stopped for longer than its pattern explains. */
  record ParentSilent(String parentId) implements TreeEvent {}

  /**
   * Answers {@link TreeAction.OpenChild}.
   *
   * @param description goes to the child; empty when the media plane does not have the stream
   */
  @SuppressWarnings("ArrayRecordComponent") // opaque bytes on their way
  record ChildOpened(String childId, long attempt, byte[] description) implements TreeEvent {}

  /**
   * A child may stay no longer.
   *
   * @param now at once; else it is shown other parents and leaves when it has one
   */
  record MoveChild(String childId, boolean now) implements TreeEvent {}

  /** The node is going down. */
  record Drain() implements TreeEvent {}

  /** Time has passed; due at {@link StreamTree#wakeNs}. */
  record Tick() implements TreeEvent {}
}
