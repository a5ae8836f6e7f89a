package live.banyan.mesh.sim;

/** A parent that the machine takes the stream from, as the media plane sees it. */
final class Attachment {
  final VirtualNode parent;
  boolean on;

  /** The machine was told that it flows, and not since that it is silent. */
  boolean toldFlowing;

  /** Grows with each change, so that a check for silence knows whether it is still meant. */
  int changes;

  Attachment(VirtualNode parent) {
    this.parent = parent;
  }
}
