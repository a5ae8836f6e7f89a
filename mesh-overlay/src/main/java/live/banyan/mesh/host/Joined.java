package live.banyan.mesh.host;

import live.banyan.mesh.tree.Refusal;

/** How wanting a stream ended. */
public sealed interface Joined {
  /**
   * The stream is here, or comes: the media plane has been told of the parent.
   *
   * @param parentId empty when this node is the ingest
   */
  record Attached(String parentId) implements Joined {}

  /** It cannot be had now. */
  record Refused(Refusal reason) implements Joined {}
}
