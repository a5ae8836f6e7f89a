package live.banyan.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/metrics.md is what a running node of a site exposes. After a change, run this test with
 * {@code -Dbanyan.update-docs=true} to write it anew.
 */
class MetricsDocTest {
  @Test
  void theTableListsEveryMetricOfANode(@TempDir Path data) throws IOException {
    String table = table(data);
    Path file = Path.of(System.getProperty("banyan.root"), "docs", "metrics.md");
    if (Boolean.getBoolean("banyan.update-docs")) {
      Files.writeString(file, table);
    }
    assertEquals(table, Files.readString(file), "run with -Dbanyan.update-docs=true");
  }

  private static String table(Path data) throws IOException {
    int cluster;
    try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      cluster = probe.getLocalPort();
    }
    Map<String, Object> options =
        Map.of(
            "banyan.volunteer.carry",
            "anything",
            "banyan.http",
            "127.0.0.1:0",
            "banyan.udp",
            "127.0.0.1:0",
            "banyan.data",
            data.toString(),
            "banyan.drain-ms",
            0,
            "banyan.site.name",
            "metrics-" + cluster,
            "banyan.site.cluster",
            "127.0.0.1:" + cluster);
    Map<String, String> rows = new TreeMap<>();
    try (BanyanNode node = BanyanNode.start(NodeConfig.load(null, options))) {
      for (MetricSnapshot metric : node.registry().scrape()) {
        String name = metric.getMetadata().getPrometheusName();
        if (name.startsWith("banyan_")) {
          rows.put(name + (metric instanceof CounterSnapshot ? "_total" : ""), row(metric));
        }
      }
    }
    StringBuilder out =
        new StringBuilder(
            """
            # Metrics

            What `/metrics` tells, beside the JVM's own (`jvm_*`, `process_*`). No stream, room, viewer or address is ever a
            label. This table is generated: see `MetricsDocTest`.

            | Metric | Kind | Meaning |
            |---|---|---|
            """);
    rows.forEach((name, row) -> out.append("| `").append(name).append("` | ").append(row));
    return out.toString();
  }

  private static String row(MetricSnapshot metric) {
    String kind =
        switch (metric) {
          case CounterSnapshot c -> "counter";
          case GaugeSnapshot g -> "gauge";
          case HistogramSnapshot h -> "histogram";
          default -> "other";
        };
    return kind + " | " + metric.getMetadata().getHelp() + " |\n";
  }
}
