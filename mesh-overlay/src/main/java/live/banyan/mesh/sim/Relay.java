package live.banyan.mesh.sim;

/** A relay that a parent has opened, and what the child sees of it. */
final class Relay {
  final VirtualNode parent;
  final VirtualNode child;

  /** Closed by the parent; what is under way still arrives. */
  boolean closed;

  /** Packets arrive at the child. */
  boolean on;

  Relay(VirtualNode parent, VirtualNode child) {
    this.parent = parent;
    this.child = child;
  }
}
