package live.banyan.mesh.host;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What the relay trees of a node count. */
final class TreeMetrics {
  final Counter events;
  final Counter refused;
  final Counter dropped;
  final Counter failures;
  final Gauge children;
  final Gauge links;
  final Histogram joinSeconds;

  TreeMetrics(PrometheusRegistry registry) {
    events =
        Counter.builder()
            .name("banyan_tree_events_total")
            .help("What happened in relay trees: joins, redirects, failovers, moves and so on.")
            .labelNames("event")
            .register(registry);
    refused =
        Counter.builder()
            .name("banyan_tree_refused_total")
            .help("Streams that could not be had from another node, by reason.")
            .labelNames("reason")
            .register(registry);
    dropped =
        Counter.builder()
            .name("banyan_tree_messages_dropped_total")
            .help("Control messages that were not used, by reason.")
            .labelNames("reason")
            .register(registry);
    failures =
        Counter.builder()
            .name("banyan_tree_failures_total")
            .help("Unexpected exceptions while driving a relay tree; each is a bug.")
            .register(registry);
    children =
        Gauge.builder()
            .name("banyan_tree_children")
            .help("Relays to other nodes that this node serves now, over all streams.")
            .register(registry);
    links =
        Gauge.builder()
            .name("banyan_tree_links")
            .help("Links to other nodes that are up.")
            .register(registry);
    joinSeconds =
        Histogram.builder()
            .name("banyan_tree_join_seconds")
            .help("From wanting a stream to a parent's yes.")
            .classicOnly()
            .classicUpperBounds(0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5)
            .register(registry);
  }
}
