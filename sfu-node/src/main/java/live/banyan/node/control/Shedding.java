package live.banyan.node.control;

/** How a node gets rid of those whom it may serve no longer. On the control thread. */
public interface Shedding {
  /** Streams that this node holds. */
  int streams();

  /** Ends a viewer's session. */
  void endViewer(String sessionId, String why);

  /**
   * Sees a child to another parent. No blame is in it: the child hears that there is no room.
   *
   * @param now it has had its time, and is let go of at once; else it is shown other parents, and
   *     leaves when it has one
   */
  void moveChild(String stream, String nodeId, boolean now);
}
