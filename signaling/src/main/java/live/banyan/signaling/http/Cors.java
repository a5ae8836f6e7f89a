package live.banyan.signaling.http;

import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/**
 * CORS (Fetch §3.2) for the API: players are embedded in any page, and nothing rides on cookies, so
 * every origin may ask.
 */
final class Cors {
  private Cors() {}

  static void handle(RoutingContext context) {
    HttpServerResponse response = context.response();
    response
        .putHeader("Access-Control-Allow-Origin", "*")
        .putHeader(
            "Access-Control-Expose-Headers",
            "Location, ETag, Link, Accept-Patch, Accept-Post, Retry-After, WWW-Authenticate");
    context.next();
  }

  /** Answers OPTIONS, a preflight or not (RFC 9725 §4.2: 200). */
  static void options(RoutingContext context, String methods) {
    HttpServerResponse response = context.response();
    response.putHeader("Allow", methods);
    if (context.request().getHeader("Access-Control-Request-Method") != null) {
      response
          .putHeader("Access-Control-Allow-Methods", methods)
          .putHeader("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match")
          .putHeader("Access-Control-Max-Age", "86400");
    }
    response.setStatusCode(200).end();
  }
}
