package live.banyan.mesh.sim.dht;

import java.util.Collection;

/**
 * What came of the gets.
 *
 * @param gets that were made
 * @param found gets that came to the record
 * @param honestReplicas that kept the record after the PUT that reached the fewest
 * @param p50Ms to the record; a get that did not come to it counts as one that takes for ever
 * @param p99Ms the same
 */
public record DhtMeasures(int gets, int found, int honestReplicas, double p50Ms, double p99Ms) {
  static DhtMeasures of(int gets, int honestReplicas, Collection<Long> tookNs) {
    long[] sorted = tookNs.stream().mapToLong(Long::longValue).sorted().toArray();
    return new DhtMeasures(
        gets,
        sorted.length,
        honestReplicas,
        quantileMs(sorted, gets, 0.5),
        quantileMs(sorted, gets, 0.99));
  }

  /** The time that a share of all gets did not exceed. */
  private static double quantileMs(long[] sorted, int gets, double share) {
    int rank = Math.max(1, (int) Math.ceil(share * gets));
    return rank > sorted.length ? Double.POSITIVE_INFINITY : sorted[rank - 1] / 1e6;
  }
}
