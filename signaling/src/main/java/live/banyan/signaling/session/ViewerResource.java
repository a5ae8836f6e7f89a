package live.banyan.signaling.session;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.MediaPlane.LayerWish;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a viewer's session has beside itself: WHEP's extensions for layer selection and server-sent
 * events, as draft-ietf-wish-whep-00 has them and as Broadcast Box and live777 speak them. Later
 * drafts leave both to extensions of their own.
 */
public final class ViewerResource {
  /** What follows a session's address. */
  public static final String LAYER = "/layer";

  /** Likewise. */
  public static final String EVENTS = "/events";

  /** The query parameter that limits an event stream to some events. */
  public static final String TYPES = "types";

  private static final String EXTENSION = "urn:ietf:params:whep:ext:core:";
  private static final String JSON = "application/json";

  private static final Logger LOG = LoggerFactory.getLogger(ViewerResource.class);

  private final MediaPlane plane;
  private final SessionTable table;
  private final AccessGate gate;
  private final RequestBody body;
  private final long timeoutMs;

  /** The resources of this table's viewers. */
  public ViewerResource(
      MediaPlane plane, SessionTable table, AccessGate gate, RequestBody body, long timeoutMs) {
    this.plane = plane;
    this.table = table;
    this.gate = gate;
    this.body = body;
    this.timeoutMs = timeoutMs;
  }

  /** Adds the {@code Link} headers of a viewer's 201. */
  static void link(HttpServerResponse response, String sessionId) {
    String session = SessionResource.PATH + sessionId;
    String events = ViewerEvent.words(EnumSet.allOf(ViewerEvent.class));
    response.headers().add("Link", "<" + session + LAYER + ">; rel=\"" + EXTENSION + "layer\"");
    response
        .headers()
        .add(
            "Link",
            "<%s>; rel=\"%sserver-sent-events\"; events=\"%s\""
                .formatted(session + EVENTS, EXTENSION, events));
  }

  /**
   * The viewer's session of this id, or null when the problem has been sent. Its unguessable
   * address alone opens its events: a browser's EventSource cannot send a token.
   */
  public @Nullable Session watching(RoutingContext context, String id) {
    Optional<Session> session = table.find(id).filter(found -> found.grant() == Grant.WATCH);
    if (session.isEmpty()) {
      unknownSession(context);
    }
    return session.orElse(null);
  }

  private static void unknownSession(RoutingContext context) {
    String sentence = "This session has ended, or is no viewer's: open a new one with POST.";
    problem(context, 404, "unknown-session", sentence);
  }

  private @Nullable Session owned(RoutingContext context, String id) {
    Session session = watching(context, id);
    return session == null || gate.admitOwner(context, session).isEmpty() ? null : session;
  }

  /** Whether a session that has event streams is still open. */
  public boolean lives(Session session) {
    return table.find(session.id()).isPresent();
  }

  /** Handles GET of the layers: what the {@code layers} event tells, for those who only ask. */
  public void layers(RoutingContext context, String id) {
    Session session = owned(context, id);
    if (session == null) {
      return;
    }
    call(context, plane.layers(session.stream()))
        .onSuccess(
            layers ->
                context
                    .response()
                    .putHeader("Content-Type", JSON)
                    .putHeader("Cache-Control", "no-store")
                    .end(LayerList.json(session.videoSection(), layers)))
        .onFailure(cause -> failed(context, cause));
  }

  /** Handles POST of a choice among the layers; an empty object leaves it to the node. */
  public void choose(RoutingContext context, String id) {
    Session session = owned(context, id);
    if (session != null && isJson(context)) {
      body.read(context, text -> choose(context, session, text));
    }
  }

  private void choose(RoutingContext context, Session session, String text) {
    switch (LayerChoice.read(text, session.videoSection())) {
      case LayerChoice.Unsound unsound ->
          problem(context, unsound.status(), unsound.reason(), unsound.sentence());
      case LayerChoice.Sound sound -> {
        LayerChoice choice = sound.choice();
        LayerWish wish = choice.wish();
        if (choice.priority().isPresent()) {
          prioritise(context, session, choice.priority().getAsInt(), wish);
        } else {
          limit(context, session, Objects.requireNonNull(wish));
        }
      }
    }
  }

  private void prioritise(
      RoutingContext context, Session session, int priority, @Nullable LayerWish wish) {
    call(context, plane.prioritise(session.id(), priority))
        .onSuccess(
            found -> {
              if (!found) {
                unknownSession(context);
              } else if (wish != null) {
                limit(context, session, wish);
              } else {
                context.response().setStatusCode(200).end();
              }
            })
        .onFailure(cause -> failed(context, cause));
  }

  private void limit(RoutingContext context, Session session, LayerWish wish) {
    call(context, plane.choose(session.id(), wish))
        .onSuccess(
            choice -> {
              switch (choice) {
                case CHOSEN -> context.response().setStatusCode(200).end();
                case UNKNOWN_LAYER -> {
                  String sentence = "The stream has no such layer: GET this address lists them.";
                  problem(context, 422, "unknown-layer", sentence);
                }
                case NO_SESSION -> unknownSession(context);
              }
            })
        .onFailure(cause -> failed(context, cause));
  }

  /**
   * Handles POST of a list of events: 201 with the address of a stream of those. Nothing is kept;
   * the address says it all.
   */
  public void subscribe(RoutingContext context, String id) {
    Session session = owned(context, id);
    if (session == null) {
      return;
    }
    body.read(
        context,
        text -> {
          Optional<String> asked = LayerChoice.events(text);
          if (asked.isEmpty()) {
            String sentence = "Send a JSON array of event names, or no body for all.";
            problem(context, 400, "malformed-events", sentence);
            return;
          }
          String types = ViewerEvent.words(ViewerEvent.of(asked.get()));
          context
              .response()
              .setStatusCode(201)
              .putHeader("Location", SessionResource.PATH + id + EVENTS + "?" + TYPES + "=" + types)
              .end();
        });
  }

  private static boolean isJson(RoutingContext context) {
    boolean json = OfferIntake.hasType(context, JSON);
    if (!json) {
      problem(context, 415, "not-json", "Send the choice with Content-Type: " + JSON + ".");
    }
    return json;
  }

  private <T> Future<T> call(RoutingContext context, CompletionStage<T> stage) {
    Context loop = context.vertx().getOrCreateContext();
    return Future.fromCompletionStage(stage, loop).timeout(timeoutMs, TimeUnit.MILLISECONDS);
  }

  private static void failed(RoutingContext context, Throwable cause) {
    LOG.error("The media plane failed to tell of layers or to change them", cause);
    problem(context, 500, "internal", "The node failed: try again, or open a new session.");
  }

  private static void problem(RoutingContext context, int status, String reason, String sentence) {
    Problem.of(status, reason, sentence).send(context.response());
  }
}
