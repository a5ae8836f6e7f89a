package live.banyan.signaling.session;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.ext.web.RoutingContext;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.MediaPlane.LocalIce;
import live.banyan.signaling.sdp.AnswerWriter;
import live.banyan.signaling.sdp.IceFragment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code /sessions/{id}}: PATCH trickles candidates or restarts ICE (RFC 9725 §4.3), DELETE ends
 * the session (§4.2). Its id is a secret; where a token opened it, a token is asked for as well.
 */
public final class SessionResource {
  /** Where session resources live; the id follows. */
  public static final String PATH = "/sessions/";

  private static final Logger LOG = LoggerFactory.getLogger(SessionResource.class);

  private final MediaPlane plane;
  private final SessionTable table;
  private final AccessGate gate;
  private final RequestBody body;
  private final SessionMetrics metrics;
  private final long timeoutMs;

  /** The resources of this table's sessions. Learns of sessions that end by themselves. */
  public SessionResource(
      MediaPlane plane,
      SessionTable table,
      AccessGate gate,
      RequestBody body,
      SessionMetrics metrics,
      long timeoutMs) {
    this.plane = plane;
    this.table = table;
    this.gate = gate;
    this.body = body;
    this.metrics = metrics;
    this.timeoutMs = timeoutMs;
    plane.onSessionEnded((id, sentence) -> table.remove(id));
  }

  /** The headers of OPTIONS that only sessions have; the caller ends the response. */
  public void describe(RoutingContext context) {
    context.response().putHeader("Accept-Patch", SessionOpening.FRAGMENT);
  }

  /** Handles DELETE. Entity tags play no part (RFC 9725 §4.3.1). */
  public void delete(RoutingContext context, String id) {
    Session session = find(context, id);
    if (session == null || gate.admitOwner(context, session).isEmpty()) {
      return;
    }
    table.remove(id);
    call(context, plane.close(id))
        .onSuccess(closed -> context.response().setStatusCode(200).end())
        .onFailure(cause -> failed(context, cause));
  }

  /** Handles PATCH. */
  public void patch(RoutingContext context, String id) {
    Session session = find(context, id);
    if (session == null || gate.admitOwner(context, session).isEmpty()) {
      return;
    }
    if (!OfferIntake.hasType(context, SessionOpening.FRAGMENT)) {
      context.response().putHeader("Accept-Patch", SessionOpening.FRAGMENT);
      problem(
          context,
          415,
          "not-a-fragment",
          "Send the fragment with Content-Type: " + SessionOpening.FRAGMENT + ".");
      return;
    }
    String match = context.request().getHeader("If-Match");
    if (match == null) {
      problem(
          context,
          428,
          "if-match-missing",
          "Send If-Match with the session's ETag, or * to restart ICE.");
      return;
    }
    body.read(context, text -> patch(context, id, match, text));
  }

  private void patch(RoutingContext context, String id, String match, String text) {
    Session session = find(context, id);
    if (session == null) {
      return;
    }
    boolean any = match.strip().equals("*");
    if (!any
        && Arrays.stream(match.split(",")).map(String::strip).noneMatch(session.etag()::equals)) {
      problem(
          context,
          412,
          "stale-etag",
          "ICE has been restarted since: use the newest ETag, or * to restart it again.");
      return;
    }
    switch (IceFragment.parse(text)) {
      case IceFragment.Malformed malformed ->
          problem(context, 400, "malformed-fragment", malformed.sentence());
      case IceFragment.Read read -> apply(context, session, read.fragment(), any);
    }
  }

  /**
   * New credentials restart ICE whatever the entity tag says; without, or with the present ones,
   * the candidates are only noted: as an ICE-lite end we answer checks and send none (RFC 8445
   * §2.5).
   */
  private void apply(RoutingContext context, Session session, IceFragment fragment, boolean any) {
    Optional<String> ufrag = fragment.ufrag();
    Optional<String> password = fragment.password();
    boolean fresh =
        ufrag.isPresent() && !ufrag.get().equals(session.remoteUfrag())
            || password.isPresent() && !password.get().equals(session.remotePassword());
    if (fresh && ufrag.isPresent() && password.isPresent()) {
      restart(context, session, ufrag.get(), password.get());
    } else if (fresh || any && ufrag.isEmpty()) {
      problem(
          context,
          400,
          "malformed-fragment",
          "A restart of ICE needs a new a=ice-ufrag together with a new a=ice-pwd.");
    } else {
      metrics.trickled(fragment.candidates().size());
      context.response().setStatusCode(204).end();
    }
  }

  private void restart(RoutingContext context, Session session, String ufrag, String password) {
    call(context, plane.restartIce(session.id(), ufrag, password))
        .onSuccess(
            ice -> {
              if (ice.isEmpty()) {
                table.remove(session.id());
                notFound(context);
                return;
              }
              Session restarted = session.restarted(table.newEtag(), ufrag, password);
              if (!table.replace(session, restarted)) {
                problem(
                    context,
                    412,
                    "stale-etag",
                    "Another restart of ICE was quicker: use its answer, or restart again.");
                return;
              }
              metrics.restarted();
              answer(context, restarted, ice.get());
            })
        .onFailure(cause -> failed(context, cause));
  }

  private static void answer(RoutingContext context, Session session, LocalIce ice) {
    context
        .response()
        .setStatusCode(200)
        .putHeader("Content-Type", SessionOpening.FRAGMENT)
        .putHeader("ETag", session.etag())
        .end(AnswerWriter.restartFragment(ice, session.tag().kind(), session.tag().mid()));
  }

  private <T> Future<T> call(
      RoutingContext context, java.util.concurrent.CompletionStage<T> stage) {
    Context loop = context.vertx().getOrCreateContext();
    return Future.fromCompletionStage(stage, loop).timeout(timeoutMs, TimeUnit.MILLISECONDS);
  }

  private @org.jspecify.annotations.Nullable Session find(RoutingContext context, String id) {
    Optional<Session> session = table.find(id);
    if (session.isEmpty()) {
      notFound(context);
    }
    return session.orElse(null);
  }

  private static void notFound(RoutingContext context) {
    problem(context, 404, "unknown-session", "This session has ended: open a new one with POST.");
  }

  private static void failed(RoutingContext context, Throwable cause) {
    LOG.error("The media plane failed to change a session", cause);
    problem(context, 500, "internal", "The node failed: try again, or open a new session.");
  }

  private static void problem(RoutingContext context, int status, String reason, String sentence) {
    Problem.of(status, reason, sentence).send(context.response());
  }
}
