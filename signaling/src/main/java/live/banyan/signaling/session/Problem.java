package live.banyan.signaling.session;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.http.HttpServerResponse;

/**
 * An error as {@code application/problem+json} (RFC 9457).
 *
 * @param reason a stable word for programs, for instance {@code not-live}
 * @param sentence says what to do
 * @param retryAfterSeconds 0 for none
 */
public record Problem(int status, String reason, String sentence, int retryAfterSeconds) {
  /** Media type of the body. */
  public static final String TYPE = "application/problem+json";

  /** A problem that trying again does not help. */
  public static Problem of(int status, String reason, String sentence) {
    return new Problem(status, reason, sentence, 0);
  }

  /** The body. */
  public String json() {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("type", "about:blank");
    body.put("title", HttpResponseStatus.valueOf(status).reasonPhrase());
    body.put("status", status);
    body.put("reason", reason);
    body.put("detail", sentence);
    return body.toString();
  }

  /** Ends a response with this; does nothing where it has begun already. */
  public void send(HttpServerResponse response) {
    if (response.headWritten() || response.ended() || response.closed()) {
      return;
    }
    response.setStatusCode(status).putHeader("Content-Type", TYPE);
    if (retryAfterSeconds > 0) {
      response.putHeader("Retry-After", Integer.toString(retryAfterSeconds));
    }
    response.end(json());
  }
}
