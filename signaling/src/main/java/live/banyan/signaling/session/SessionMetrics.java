package live.banyan.signaling.session;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.auth.Grant;

/** Meters of sessions and of refused requests. */
public final class SessionMetrics {
  private final Counter authRefusals;
  private final Counter refusals;
  private final Counter trickled;
  private final Counter restarts;

  /** Declares the meters on this registry. */
  public SessionMetrics(PrometheusRegistry registry, SessionTable table) {
    authRefusals =
        Counter.builder()
            .name("banyan_auth_refusals_total")
            .help("Requests refused for their token, by reason.")
            .labelNames("reason")
            .register(registry);
    refusals =
        Counter.builder()
            .name("banyan_session_refusals_total")
            .help("WHIP and WHEP requests with a good token that got no session, by reason.")
            .labelNames("reason")
            .register(registry);
    trickled =
        Counter.builder()
            .name("banyan_trickled_candidates_total")
            .help("Remote candidates that arrived after the offer.")
            .register(registry);
    restarts =
        Counter.builder()
            .name("banyan_ice_restarts_total")
            .help("ICE restarts that succeeded.")
            .register(registry);
    GaugeWithCallback.builder()
        .name("banyan_sessions_open")
        .help("Open WHIP (publish) and WHEP (watch) sessions.")
        .labelNames("kind")
        .callback(
            callback -> {
              for (Grant grant : Grant.values()) {
                callback.call(table.count(grant), grant.word());
              }
            })
        .register(registry);
  }

  void refused(String reason) {
    refusals.labelValues(reason).inc();
  }

  /** Counts a request that was turned away for its token. */
  public void refused(Access.Decision decision) {
    switch (decision) {
      case Access.Admitted admitted -> {}
      case Access.Unauthorized unauthorized ->
          authRefusals.labelValues(unauthorized.reason()).inc();
      case Access.Forbidden forbidden -> authRefusals.labelValues("forbidden").inc();
    }
  }

  void trickled(int candidates) {
    trickled.inc(candidates);
  }

  void restarted() {
    restarts.inc();
  }
}
