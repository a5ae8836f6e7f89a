package live.banyan.mesh.tree;

import java.util.List;

/** A node that may take this one when its parent fails. */
final class Backup {
  final String nodeId;

  /** Of the last PROBE; another for each, so that a late answer measures nothing. */
  long nonce;

  /** PROBEs since the last answer. */
  int sends;

  long sentNs;
  long dueNs;

  /** It has answered that it has the stream and room. */
  boolean ready;

  /** Measured. */
  long rttNs;

  /** As it has told: from the ingest to it, both included. */
  List<String> path = List.of();

  Backup(String nodeId) {
    this.nodeId = nodeId;
  }
}
