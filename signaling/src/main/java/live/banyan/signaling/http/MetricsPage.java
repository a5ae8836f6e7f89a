package live.banyan.signaling.http;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.ByteArrayOutputStream;

/** {@code GET /metrics} for Prometheus; collected off the event loop. */
final class MetricsPage {
  private final PrometheusRegistry registry;
  private final ExpositionFormats formats = ExpositionFormats.init();

  MetricsPage(PrometheusRegistry registry) {
    this.registry = registry;
  }

  void get(RoutingContext context) {
    ExpositionFormatWriter writer = formats.findWriter(context.request().getHeader("Accept"));
    context
        .vertx()
        .executeBlocking(
            () -> {
              ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
              writer.write(out, registry.scrape());
              return Buffer.buffer(out.toByteArray());
            },
            false)
        .onSuccess(
            body ->
                context
                    .response()
                    .putHeader("Content-Type", writer.getContentType())
                    .putHeader("Cache-Control", "no-store")
                    .end(body))
        .onFailure(context::fail);
  }
}
