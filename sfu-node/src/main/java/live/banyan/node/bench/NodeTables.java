package live.banyan.node.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import live.banyan.node.demo.NodeProcess;

/** How full a node's tables are, by its metrics page. */
final class NodeTables {
  /** Gauges that stand at nothing on a node that nobody uses, by the names that figures have. */
  private static final Map<String, String> GAUGES =
      Map.of(
          "sessions", "banyan_sessions_open",
          "transports", "banyan_shard_transports",
          "subscriptions", "banyan_shard_subscriptions",
          "tracks", "banyan_shard_tracks",
          "handshakes", "banyan_dtls_running");

  private NodeTables() {}

  /** Sizes by name, in the order of names. */
  static Map<String, Double> of(NodeProcess node) throws IOException, InterruptedException {
    String page = NodeFigures.page(node);
    Map<String, Double> sizes = new TreeMap<>();
    for (Map.Entry<String, String> gauge : GAUGES.entrySet()) {
      sizes.put(gauge.getKey(), NodeFigures.sum(page, gauge.getValue()));
    }
    return sizes;
  }

  /** Waits until all are empty. @return those that are not when the time is over */
  static Map<String, Double> awaitEmpty(NodeProcess node, Duration patience)
      throws IOException, InterruptedException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      Map<String, Double> full = of(node);
      full.values().removeIf(size -> size == 0);
      if (full.isEmpty() || System.nanoTime() - deadline > 0) {
        return full;
      }
      TimeUnit.SECONDS.sleep(1);
    }
  }
}
