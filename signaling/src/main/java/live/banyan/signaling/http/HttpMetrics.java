package live.banyan.signaling.http;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.Handler;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;

/** Meters of the HTTP server. */
final class HttpMetrics {
  private final Counter requests;
  final Counter rateLimited;
  final Counter connectionsRefused;
  final Counter connectionsAbandoned;
  final Counter listenersRefused;
  final Counter eventsDropped;
  final Gauge connections;
  final Gauge listeners;

  HttpMetrics(PrometheusRegistry registry) {
    requests =
        Counter.builder()
            .name("banyan_http_requests_total")
            .help("HTTP requests by route and status.")
            .labelNames("route", "status")
            .register(registry);
    rateLimited =
        Counter.builder()
            .name("banyan_http_rate_limited_total")
            .help("Requests answered 429.")
            .register(registry);
    connectionsRefused =
        Counter.builder()
            .name("banyan_http_connections_refused_total")
            .help("Connections closed at once because there were too many.")
            .register(registry);
    connectionsAbandoned =
        Counter.builder()
            .name("banyan_http_connections_abandoned_total")
            .help(
                "Connections closed because they sent no request, for too long or among too many.")
            .register(registry);
    listenersRefused =
        Counter.builder()
            .name("banyan_event_listeners_refused_total")
            .help("Event streams refused because there were too many.")
            .register(registry);
    eventsDropped =
        Counter.builder()
            .name("banyan_event_listeners_too_slow_total")
            .help("Event streams closed because their client did not read.")
            .register(registry);
    connections =
        Gauge.builder()
            .name("banyan_http_connections_open")
            .help("Open HTTP connections.")
            .register(registry);
    listeners =
        Gauge.builder()
            .name("banyan_event_listeners_open")
            .help("Open event streams.")
            .register(registry);
  }

  /** Counts each request under this name when its response ends. */
  Handler<RoutingContext> counting(String route) {
    return context -> {
      HttpServerRequest request = context.request();
      context.addEndHandler(
          ended ->
              requests
                  .labelValues(route, Integer.toString(request.response().getStatusCode()))
                  .inc());
      context.next();
    };
  }
}
