package live.banyan.signaling.session;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads a whole request body within a size and a time. Whoever sends too much or too slowly gets a
 * problem, and its connection is closed a little later, so that the answer arrives before the
 * reset.
 */
public final class RequestBody {
  private static final long LINGER_MS = 1_000;

  private final int bytesMax;
  private final long timeoutMs;

  /** Bodies of at most so many bytes, whole within {@code timeoutMs}. */
  public RequestBody(int bytesMax, long timeoutMs) {
    this.bytesMax = bytesMax;
    this.timeoutMs = timeoutMs;
  }

  /**
   * Calls back with the body, unless a problem was sent instead. To be called in the request's own
   * turn.
   */
  void read(RoutingContext context, Handler<String> done) {
    HttpServerRequest request = context.request();
    if (declaredTooLarge(request.getHeader("Content-Length"))) {
      refuse(context, tooLarge());
      return;
    }
    new Reading(context, done).start();
  }

  private boolean declaredTooLarge(@Nullable String declared) {
    try {
      return declared != null && Long.parseLong(declared) > bytesMax;
    } catch (NumberFormatException larger) {
      return true;
    }
  }

  private Problem tooLarge() {
    return Problem.of(
        413, "too-large", "The body is larger than " + bytesMax + " bytes: send a shorter SDP.");
  }

  private static void refuse(RoutingContext context, Problem problem) {
    HttpServerRequest request = context.request();
    request.handler(ignored -> {});
    request.endHandler(ended -> {});
    if (request.version() != HttpVersion.HTTP_2) {
      request.response().putHeader("Connection", "close");
    }
    problem.send(request.response());
    context.vertx().setTimer(LINGER_MS, late -> request.connection().close());
  }

  private final class Reading {
    private final RoutingContext context;
    private final Handler<String> done;
    private final Buffer body = Buffer.buffer();
    private final long timer;
    private boolean over;

    Reading(RoutingContext context, Handler<String> done) {
      this.context = context;
      this.done = done;
      timer = context.vertx().setTimer(timeoutMs, late -> tooSlow());
    }

    void start() {
      context.request().exceptionHandler(broken -> finish());
      context.request().handler(this::more);
      context.request().endHandler(end -> whole());
      context.request().resume();
    }

    private void more(Buffer part) {
      if (over) {
        return;
      }
      if (body.length() + part.length() > bytesMax) {
        finish();
        refuse(context, tooLarge());
        return;
      }
      body.appendBuffer(part);
    }

    private void whole() {
      if (finish()) {
        try {
          done.handle(body.toString(StandardCharsets.UTF_8));
        } catch (RuntimeException bug) {
          context.fail(bug);
        }
      }
    }

    private void tooSlow() {
      if (finish()) {
        String sentence = "The body took longer than " + timeoutMs + " ms: send it at once.";
        refuse(context, Problem.of(408, "too-slow", sentence));
      }
    }

    private boolean finish() {
      boolean first = !over;
      over = true;
      context.vertx().cancelTimer(timer);
      return first;
    }
  }
}
