package live.banyan.mesh.policy;

/** How a volunteer chooses what its node carries. */
public enum Carry {
  /** The channels and streams that it has named. */
  CHOSEN,
  /** These, and what the lists say that it subscribes to. */
  LISTS,
  /** Whatever is asked of it. */
  ANYTHING
}
