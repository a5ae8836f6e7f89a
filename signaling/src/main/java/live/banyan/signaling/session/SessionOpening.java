package live.banyan.signaling.session;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.MediaPlane.Opened;
import live.banyan.signaling.port.MediaPlane.Opening;
import live.banyan.signaling.port.MediaPlane.Refused;
import live.banyan.signaling.sdp.AnswerWriter;
import live.banyan.signaling.sdp.Negotiation;
import live.banyan.signaling.sdp.SdpWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The second half of a WHIP or WHEP POST: asks the media plane for a session, and answers 201 once
 * it listens. A session whose client went away, or that opens after we gave up, is closed again.
 */
public final class SessionOpening {
  /** Media type of trickle fragments. */
  static final String FRAGMENT = "application/trickle-ice-sdpfrag";

  private static final Logger LOG = LoggerFactory.getLogger(SessionOpening.class);
  private static final int RETRY_NOT_LIVE_S = 2;
  private static final int RETRY_BUSY_S = 5;

  private final MediaPlane plane;
  private final SessionTable table;
  private final SessionMetrics metrics;
  private final IceLinks iceLinks;
  private final long timeoutMs;

  /**
   * Opens sessions at this plane.
   *
   * @param timeoutMs how long the plane may take for each step
   */
  public SessionOpening(
      MediaPlane plane,
      SessionTable table,
      SessionMetrics metrics,
      IceLinks iceLinks,
      long timeoutMs) {
    this.plane = plane;
    this.table = table;
    this.metrics = metrics;
    this.iceLinks = iceLinks;
    this.timeoutMs = timeoutMs;
  }

  /** Sends the problem of an offer that has no answer. */
  public void reject(OfferIntake.Offer offer, Negotiation.Rejected rejected) {
    switch (rejected.cause()) {
      case INVALID -> refuse(offer.context(), 400, "invalid-offer", rejected.sentence(), 0);
      case UNSUPPORTED -> refuse(offer.context(), 422, "unsupported", rejected.sentence(), 0);
      case NO_COMMON_CODEC ->
          refuse(offer.context(), 422, "no-common-codec", rejected.sentence(), 0);
    }
  }

  /** Sends what the plane refused. */
  public void reject(OfferIntake.Offer offer, Refused refused) {
    RoutingContext context = offer.context();
    String sentence = refused.sentence();
    switch (refused.reason()) {
      case UNKNOWN_STREAM -> refuse(context, 404, "unknown-stream", sentence, 0);
      case NOT_LIVE -> refuse(context, 409, "not-live", sentence, RETRY_NOT_LIVE_S);
      case NO_COMMON_CODEC -> refuse(context, 422, "no-common-codec", sentence, 0);
      case OVERLOADED -> refuse(context, 503, "overloaded", sentence, RETRY_BUSY_S);
      case DRAINING -> refuse(context, 503, "draining", sentence, RETRY_BUSY_S);
    }
  }

  /** Awaits a step of the media plane on the request's event loop. */
  public <T> Future<T> await(OfferIntake.Offer offer, Supplier<CompletionStage<T>> step) {
    Context loop = offer.context().vertx().getOrCreateContext();
    try {
      return Future.fromCompletionStage(step.get(), loop).timeout(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (RuntimeException bug) {
      return Future.failedFuture(bug);
    }
  }

  /** Sends the problem of a step that failed or took too long. */
  public void fail(OfferIntake.Offer offer, Throwable cause) {
    if (cause instanceof TimeoutException) {
      String sentence = "The node took too long to prepare this stream: try again.";
      refuse(offer.context(), 503, "timeout", sentence, RETRY_NOT_LIVE_S);
    } else {
      LOG.error("The media plane failed to open a session", cause);
      refuse(offer.context(), 500, "internal", "The node failed: try again, or another node.", 0);
    }
  }

  /** Opens a session for an agreed offer; {@code open} starts it under the id that it is given. */
  public void open(
      OfferIntake.Offer offer,
      Negotiation.Agreed agreed,
      Function<String, CompletionStage<Opening>> open) {
    String id = table.newId();
    if (!table.hold(id)) {
      String sentence = "This node has as many sessions as it may: try another node, or later.";
      refuse(offer.context(), 503, "sessions-full", sentence, RETRY_BUSY_S);
      return;
    }
    CompletionStage<Opening> stage;
    try {
      stage = open.apply(id);
    } catch (RuntimeException bug) {
      table.remove(id);
      fail(offer, bug);
      return;
    }
    await(offer, () -> stage)
        .map(
            opening -> {
              switch (opening) {
                case Refused refused -> {
                  table.remove(id);
                  reject(offer, refused);
                }
                case Opened opened -> answer(offer, agreed, id, opened);
              }
              return true;
            })
        .onFailure(
            cause -> {
              table.remove(id);
              stage.thenAccept(late -> closeLate(id, late));
              fail(offer, cause);
            });
  }

  private void answer(
      OfferIntake.Offer offer, Negotiation.Agreed agreed, String id, Opened opened) {
    HttpServerResponse response = offer.context().response();
    if (response.closed()) {
      table.remove(id);
      close(id);
      return;
    }
    Session session =
        new Session(
            id,
            offer.grant(),
            offer.stream(),
            offer.receipt(),
            table.newEtag(),
            agreed.remote().iceUfrag(),
            agreed.remote().icePassword(),
            agreed.tag(),
            videoSection(agreed));
    String answer = SdpWriter.write(AnswerWriter.answer(agreed, opened, table.newSessionNumber()));
    if (!table.add(session)) {
      String sentence = "The stream ended while the session was being opened: try again.";
      refuse(offer.context(), 409, "not-live", sentence, RETRY_NOT_LIVE_S);
      return;
    }
    response
        .setStatusCode(201)
        .putHeader("Content-Type", OfferIntake.SDP)
        .putHeader("Location", SessionResource.PATH + id)
        .putHeader("ETag", session.etag())
        .putHeader("Accept-Patch", FRAGMENT)
        .putHeader("Accept-Post", OfferIntake.SDP);
    iceLinks.put(response, true);
    if (session.grant() == Grant.WATCH) {
      ViewerResource.link(response, id);
    }
    response
        .end(answer)
        .onFailure(
            gone -> {
              if (table.remove(id)) {
                close(id);
              }
            });
  }

  private static int videoSection(Negotiation.Agreed agreed) {
    return agreed.remote().media().stream()
        .filter(media -> media.kind() == MediaPlane.Kind.VIDEO)
        .mapToInt(MediaPlane.NegotiatedMedia::index)
        .findFirst()
        .orElse(-1);
  }

  private void closeLate(String id, Opening opening) {
    if (opening instanceof Opened) {
      close(id);
    }
  }

  private void close(String id) {
    plane
        .close(id)
        .exceptionally(
            cause -> {
              LOG.warn("The media plane failed to close a session", cause);
              return false;
            });
  }

  private void refuse(
      RoutingContext context, int status, String reason, String sentence, int retryAfterSeconds) {
    metrics.refused(reason);
    new Problem(status, reason, sentence, retryAfterSeconds).send(context.response());
  }
}
