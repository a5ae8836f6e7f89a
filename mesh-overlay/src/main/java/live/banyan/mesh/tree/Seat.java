package live.banyan.mesh.tree;

import java.util.List;

/** One parent that has accepted this node. */
final class Seat {
  final String parentId;
  final long attempt;
  final long epoch;

  /** From the ingest to the parent; follows what the parent tells. */
  List<String> path;

  /** The parent speaks the newest version. */
  final boolean newest;

  /** False while the parent says that it has lost its own. */
  boolean upstreamThere = true;

  /** Media has been seen from it. */
  boolean flowing;

  long flowDeadlineNs;
  long heardNs;
  long keepDueNs;

  Seat(Attempt.Offer offer, long nowNs) {
    this.parentId = offer.parentId();
    this.attempt = offer.attempt();
    this.epoch = offer.epoch();
    this.path = offer.path();
    this.newest = offer.newest();
    this.heardNs = nowNs;
    this.keepDueNs = nowNs + Upstream.KEEP_PERIOD_NS;
    this.flowDeadlineNs = nowNs + Upstream.FLOW_TIMEOUT_NS;
  }

  /** The nodes above the parent, the nearest first: who had the stream before it did. */
  List<String> ancestors() {
    return path.subList(0, path.size() - 1).reversed();
  }

  boolean parentIsRoot() {
    return path.size() == 1;
  }
}
