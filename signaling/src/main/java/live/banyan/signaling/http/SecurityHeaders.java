package live.banyan.signaling.http;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** Headers that keep pages from doing what ours never do. */
final class SecurityHeaders {
  /** connect-src is open: a player may be moved to any node, whose name is not known beforehand. */
  private static final String POLICY =
      "default-src 'self'; media-src 'self' blob:; img-src 'self' data:; connect-src *;"
          + " worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self';"
          + " frame-ancestors 'self'";

  private final ClientAddress clients;

  SecurityHeaders(ClientAddress clients) {
    this.clients = clients;
  }

  void handle(RoutingContext context) {
    HttpServerResponse response = context.response();
    response
        .putHeader("Content-Security-Policy", POLICY)
        .putHeader("X-Content-Type-Options", "nosniff")
        .putHeader("Referrer-Policy", "no-referrer")
        .putHeader("Cross-Origin-Opener-Policy", "same-origin")
        .putHeader(
            "Permissions-Policy",
            "camera=(self), microphone=(self), display-capture=(self), geolocation=()");
    if (clients.secure(context.request())) {
      response.putHeader("Strict-Transport-Security", "max-age=31536000");
    }
    context.next();
  }
}
