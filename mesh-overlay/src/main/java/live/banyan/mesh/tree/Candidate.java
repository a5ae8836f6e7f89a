package live.banyan.mesh.tree;

import java.util.List;

/**
 * A node that may become a parent, as far as this node knows.
 *
 * @param path from the ingest to the node, both included; empty when unknown
 * @param epoch that the node carries; -1 when unknown
 * @param freeSlots as last told; a hint, the node itself decides
 * @param linked a link is up, so that asking costs one round trip
 * @param rttNs round trip of the link; -1 when unmeasured
 */
public record Candidate(
    String nodeId,
    List<String> path,
    long epoch,
    int freeSlots,
    boolean draining,
    boolean linked,
    long rttNs) {}
