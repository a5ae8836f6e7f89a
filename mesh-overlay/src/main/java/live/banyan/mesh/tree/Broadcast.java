package live.banyan.mesh.tree;

/** What the directory, or a parent, has said of the stream. */
final class Broadcast {
  /** -1 before anybody has named one. */
  long epoch = -1;

  boolean live;
  String ingest = "";
}
