package live.banyan.mesh.tree;

/** Where a node stands in a stream's tree. */
public enum TreeState {
  /** Nobody here wants the stream. */
  IDLE,
  /** Looking for the first parent. */
  JOINING,
  /** Has a parent. */
  ATTACHED,
  /** Has a parent and looks for another, or has two for a moment. */
  REPARENTING,
  /** Had a parent, has none, looks for one. */
  ORPHAN,
  /** The ingest. */
  ROOT,
  /** Going down: takes no child, sees the present ones off. */
  DRAINING
}
