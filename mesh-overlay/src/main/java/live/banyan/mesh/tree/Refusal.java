package live.banyan.mesh.tree;

/** Why a stream cannot be had now. */
public enum Refusal {
  /** The directory does not know it. */
  UNKNOWN_STREAM,
  /** Its broadcaster is away. */
  NOT_LIVE,
  /** Every node that carries it has as many children as it takes. */
  FULL,
  /** Nodes carry it, none could be reached or gave a place in time. */
  UNREACHABLE,
  /** This node is going down. */
  DRAINING
}
