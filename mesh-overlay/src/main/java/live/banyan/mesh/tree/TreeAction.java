package live.banyan.mesh.tree;

import java.util.List;
import live.banyan.mesh.wire.TreeMessage;

/** What a stream's tree asks its driver to do, in order. */
@SuppressWarnings("ArrayRecordComponent") // opaque bytes on their way
public sealed interface TreeAction {
  /** Bring up a link; LinkUp or LinkDown follows. */
  record Connect(String nodeId) implements TreeAction {}

  /** Send a message. */
  record Send(String to, TreeMessage message) implements TreeAction {}

  /**
   * Send a JOIN, with the media plane's present positions where the last media was of the same
   * epoch.
   *
   * @param degree and {@code lost}: as in {@link TreeMessage.Join}
   */
  record SendJoin(
      String to, long epoch, long attempt, boolean withPositions, int degree, boolean lost)
      implements TreeAction {}

  /**
   * Start a relay to a child and answer with {@link TreeEvent.ChildOpened} before anything else.
   */
  record OpenChild(String childId, long attempt, byte[] positions) implements TreeAction {}

  /** End a relay to a child. */
  record CloseChild(String childId) implements TreeAction {}

  /** Take the stream from a parent; replaces what was attached from the same parent. */
  record AttachParent(String parentId, long epoch, byte[] description) implements TreeAction {}

  /** Take it from this parent no more. */
  record DetachParent(String parentId) implements TreeAction {}

  /** No parent found for a second: tell the viewers. The search goes on. */
  record Orphaned() implements TreeAction {}

  /** The stream is here: viewers that wait can have it. */
  record Attached() implements TreeAction {}

  /** The stream cannot be had now; those that wait are sent away. */
  record Refused(Refusal reason) implements TreeAction {}

  /** Tell the directory where this node stands. */
  record Carrying(long epoch, String parentId, List<String> path, int children)
      implements TreeAction {}

  /** Tell the directory that this node carries the stream no more. */
  record NotCarrying() implements TreeAction {}

  /** The broadcaster has been away too long: the tree of this stream is over. */
  record Ended() implements TreeAction {}

  /** Something worth counting has happened. */
  record Counted(Count what) implements TreeAction {}

  /** What is counted. */
  enum Count {
    JOIN_SENT,
    JOIN_UNANSWERED,
    REDIRECTED,
    REJECTED,
    LOOP_REFUSED,
    /** Another parent has been looked for and found. */
    FAILOVER,
    /** A backup has become the parent. */
    SWITCH,
    MOVE,
    CHILD_ACCEPTED,
    CHILD_REFUSED,
    CHILD_LOST
  }
}
