package live.banyan.node.bench;

import java.io.IOException;
import live.banyan.sfu.client.LatencyHistogram;

/**
 * What a stretch of time cost a node, and how late and how whole packets were in it.
 *
 * @param lost packets that subscribers missed for good
 */
record Stretch(long cpuNs, long wallNs, LatencyHistogram latencies, long lost) {
  /** Something that happens in a stretch of time. */
  @FunctionalInterface
  interface Happening {
    void happen() throws IOException, InterruptedException;
  }

  static Stretch of(NodeContender node, Happening happening)
      throws IOException, InterruptedException {
    LatencyHistogram before = node.traffic().latencies();
    long lostBefore = node.lost();
    Usage usage = Usage.of(node.pid());
    happening.happen();
    Usage after = Usage.of(node.pid());
    LatencyHistogram latencies = node.traffic().latencies();
    latencies.subtract(before);
    return new Stretch(
        after.cpuNsSince(usage), after.atNs() - usage.atNs(), latencies, node.lost() - lostBefore);
  }

  double latencyMs(double share) {
    return latencies.quantileNs(share) / 1e6;
  }

  /** Share of one core. */
  double cpuPercent() {
    return 100.0 * cpuNs / wallNs;
  }
}
