package live.banyan.mesh.site;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What a site counts. */
final class SiteMetrics {
  final Counter dropped;
  final Counter asked;
  final Counter requestsRefused;
  final Gauge members;

  SiteMetrics(PrometheusRegistry registry) {
    dropped =
        Counter.builder()
            .name("banyan_site_messages_dropped_total")
            .help("Directory messages of other members that were not used, by reason.")
            .labelNames("reason")
            .register(registry);
    asked =
        Counter.builder()
            .name("banyan_site_snapshots_asked_total")
            .help("Times that a member's records were asked for again because a change was missed.")
            .register(registry);
    requestsRefused =
        Counter.builder()
            .name("banyan_site_requests_refused_total")
            .help("Requests of other members that were refused because too many were open.")
            .register(registry);
    members =
        Gauge.builder()
            .name("banyan_site_members")
            .help("Members of the site, this node included.")
            .register(registry);
  }
}
