package live.banyan.mesh;

/**
 * What the relay tree asks of the media plane. Implemented by {@code live.banyan.node}; safe from
 * any thread, quick, never blocks. Descriptions are opaque to the overlay: tracks, layers and SSRCs
 * of one stream on one link, as {@code sfu-node} writes them.
 */
public interface RelayMedia {
  /**
   * Starts sending a stream to a child.
   *
   * @param positions what the child has, from {@link #positions}; media newer than that is replayed
   *     from the packet cache. Empty for a newcomer.
   * @return the description that goes into ACCEPT, or an empty array when this node no longer has
   *     it
   */
  byte[] openChild(String childId, String stream, byte[] positions);

  /** Stops sending a stream to a child. */
  void closeChild(String childId, String stream);

  /** Starts taking a stream from a parent; older parents stay until {@link #detachParent}. */
  void attachParent(String parentId, String stream, long epoch, byte[] description);

  /** Stops taking a stream from a parent. */
  void detachParent(String parentId, String stream);

  /** The highest sequence number of each layer seen so far; empty without media. */
  byte[] positions(String stream);

  /** No parent can be found now: viewers are told; the tree goes on trying. */
  void orphaned(String stream);
}
