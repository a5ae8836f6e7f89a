package live.banyan.signaling.http;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Route;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.function.BiConsumer;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.port.StreamDirectory;
import live.banyan.signaling.port.StreamName;
import live.banyan.signaling.session.AccessGate;
import live.banyan.signaling.session.IceLinks;
import live.banyan.signaling.session.OfferIntake;
import live.banyan.signaling.session.Problem;
import live.banyan.signaling.session.RequestBody;
import live.banyan.signaling.session.SessionMetrics;
import live.banyan.signaling.session.SessionOpening;
import live.banyan.signaling.session.SessionResource;
import live.banyan.signaling.session.SessionTable;
import live.banyan.signaling.session.ViewerResource;
import live.banyan.signaling.whep.WhepEndpoint;
import live.banyan.signaling.whip.WhipEndpoint;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which path leads where. */
final class Routes {
  private static final Logger LOG = LoggerFactory.getLogger(Routes.class);
  private static final long IDLE_MS = 60_000;
  private static final long SWEEP_MS = 500;
  private static final int ADDRESSES_MAX = 50_000;
  private static final String STREAMS = "/api/v1/streams";

  private final Router router;
  private final Vertx vertx;
  private final HttpMetrics metrics;
  private final ClientAddress clients;
  private final RateLimiter limiter;
  private final IceLinks iceLinks;
  private final AccessGate gate;
  private final EventStreams events;
  private final long heartbeat;
  private final long looking;
  private final OpenConnections connections;
  private final long sweeping;

  Routes(Vertx vertx, SignalingConfig config, SignalingServer.Parts parts) {
    this.vertx = vertx;
    router = Router.router(vertx);
    metrics = new HttpMetrics(parts.registry());
    clients = new ClientAddress(config.trustedProxies());
    limiter = new RateLimiter(config.requestsPerSecond(), config.requestsBurst(), ADDRESSES_MAX);
    iceLinks = new IceLinks(config.iceServers(), InstantSource.system());
    events = new EventStreams(metrics, config.listenersMax());
    heartbeat = events.start(vertx);

    SessionTable table = new SessionTable(config.sessionsMax());
    SessionMetrics sessionMetrics = new SessionMetrics(parts.registry(), table);
    gate = new AccessGate(parts.access(), sessionMetrics);
    RequestBody body = new RequestBody(config.bodyBytesMax(), config.bodyTimeoutMs());
    OfferIntake intake = new OfferIntake(gate, body, sessionMetrics);
    SessionOpening opening =
        new SessionOpening(parts.plane(), table, sessionMetrics, iceLinks, config.openTimeoutMs());

    connections =
        new OpenConnections(
            config.connectionsMax(), config.bodyTimeoutMs(), IDLE_MS, clients, metrics);
    sweeping = vertx.setPeriodic(SWEEP_MS, tick -> connections.sweep());

    router.route().failureHandler(Routes::failed);
    router.route().handler(connections::requested);
    router.route().handler(new SecurityHeaders(clients)::handle);
    endpoint("whip", Grant.PUBLISH, new WhipEndpoint(parts.plane(), intake, opening)::post);
    endpoint("whep", Grant.WATCH, new WhepEndpoint(parts.plane(), intake, opening)::post);
    ViewerResource viewer =
        new ViewerResource(parts.plane(), table, gate, body, config.openTimeoutMs());
    ViewerEvents viewerEvents = new ViewerEvents(parts.plane(), parts.directory(), viewer, events);
    looking = viewerEvents.start(vertx);
    viewers(viewer, viewerEvents);
    sessions(
        new SessionResource(
            parts.plane(), table, gate, body, sessionMetrics, config.openTimeoutMs()));
    api(parts.directory(), new InfoApi(parts.directory(), gate, parts.ready(), config.hideLists()));
    MetricsPage metricsPage = new MetricsPage(parts.registry());
    get("metrics", "/metrics", metricsPage::get);
    pages(new WebPages(parts.web()));
  }

  Router router() {
    return router;
  }

  OpenConnections connections() {
    return connections;
  }

  /** To be called on the event loop that made this. */
  void close() {
    vertx.cancelTimer(heartbeat);
    vertx.cancelTimer(looking);
    vertx.cancelTimer(sweeping);
    events.close();
  }

  /** {@code /whip/...} and {@code /whep/...}. */
  private void endpoint(String name, Grant grant, BiConsumer<RoutingContext, String> post) {
    String path = "/" + name + "/";
    route(name, path + "*")
        .handler(Cors::handle)
        .handler(
            context -> {
              String stream = context.normalizedPath().substring(path.length());
              if (!StreamName.isValid(stream)) {
                Problem.of(404, "bad-stream-name", StreamName.RULE).send(context.response());
                return;
              }
              context.response().putHeader("Accept-Post", OfferIntake.SDP);
              switch (context.request().method().name()) {
                case "POST" -> limited(context, () -> post.accept(context, stream));
                case "OPTIONS" -> endpointOptions(context, gate.admits(context, grant, stream));
                case "GET" -> context.response().setStatusCode(204).end();
                case "HEAD" ->
                    // draft-ietf-wish-whep §4: so a player sees what the address is.
                    context.response().putHeader("Content-Type", OfferIntake.SDP).end();
                default -> notAllowed(context, "GET, HEAD, OPTIONS, POST");
              }
            });
  }

  /** A preflight does not carry the ICE servers (RFC 9725 §4.6). */
  private void endpointOptions(RoutingContext context, boolean admitted) {
    if (context.request().getHeader("Access-Control-Request-Method") == null) {
      iceLinks.put(context.response(), admitted);
    }
    Cors.options(context, "GET, HEAD, OPTIONS, POST");
  }

  /** {@code /sessions/{id}/layer} and {@code /sessions/{id}/events}. */
  private void viewers(ViewerResource resource, ViewerEvents events) {
    ofSession("layer", ViewerResource.LAYER, resource::layers, resource::choose);
    ofSession("viewer-events", ViewerResource.EVENTS, events::open, resource::subscribe);
  }

  private void ofSession(
      String name,
      String end,
      BiConsumer<RoutingContext, String> get,
      BiConsumer<RoutingContext, String> post) {
    route(name, SessionResource.PATH + ":id" + end)
        .handler(Cors::handle)
        .handler(
            context -> {
              String id = context.pathParam("id");
              switch (context.request().method().name()) {
                case "GET" -> limited(context, () -> get.accept(context, id));
                case "POST" -> limited(context, () -> post.accept(context, id));
                case "OPTIONS" -> Cors.options(context, "GET, OPTIONS, POST");
                default -> notAllowed(context, "GET, OPTIONS, POST");
              }
            });
  }

  private void sessions(SessionResource resource) {
    route("session", SessionResource.PATH + "*")
        .handler(Cors::handle)
        .handler(
            context -> {
              String id = context.normalizedPath().substring(SessionResource.PATH.length());
              switch (context.request().method().name()) {
                case "PATCH" -> limited(context, () -> resource.patch(context, id));
                case "DELETE" -> limited(context, () -> resource.delete(context, id));
                case "OPTIONS" -> {
                  resource.describe(context);
                  Cors.options(context, "GET, HEAD, OPTIONS, PATCH, DELETE");
                }
                case "GET", "HEAD" -> context.response().setStatusCode(204).end();
                default -> notAllowed(context, "GET, HEAD, OPTIONS, PATCH, DELETE");
              }
            });
  }

  private void api(StreamDirectory directory, InfoApi api) {
    get("health", "/health/live", api::live);
    get("health", "/health/ready", api::ready);
    get("node", "/api/v1/node", api::node);
    get("streams", STREAMS, api::streams);
    ofStream("tree", "/tree", api::tree);
    ofStream(
        "events",
        "/events",
        (context, stream) ->
            limited(
                context,
                () -> {
                  if (gate.admit(context, EnumSet.allOf(Grant.class), stream).isPresent()) {
                    events.open(context, directory, stream);
                  }
                }));
    route("other", "/api/*")
        .handler(Cors::handle)
        .handler(
            context -> {
              if (context.request().method() == HttpMethod.OPTIONS) {
                Cors.options(context, "GET, OPTIONS");
              } else {
                WebPages.notFound(context);
              }
            });
  }

  /** {@code /api/v1/streams/{stream}} followed by {@code end}; a stream has one or two segments. */
  private void ofStream(String name, String end, BiConsumer<RoutingContext, String> handler) {
    for (String segments : List.of("/:a", "/:a/:b")) {
      get(
          name,
          STREAMS + segments + end,
          context -> {
            String path = context.normalizedPath();
            String stream = path.substring(STREAMS.length() + 1, path.length() - end.length());
            if (StreamName.isValid(stream)) {
              handler.accept(context, stream);
            } else {
              Problem.of(404, "bad-stream-name", StreamName.RULE).send(context.response());
            }
          });
    }
  }

  private void pages(WebPages pages) {
    page("/", pages, "index.html");
    page("/studio", pages, "studio.html");
    page("/node", pages, "node.html");
    route("page", "/watch/*")
        .handler(
            context -> {
              String stream = context.normalizedPath().substring("/watch/".length());
              if (StreamName.isValid(stream) && reads(context)) {
                pages.send(context, "watch.html");
              } else {
                WebPages.notFound(context);
              }
            });
    router
        .route()
        .handler(metrics.counting("asset"))
        // A page of any origin may load the player: module scripts are fetched with CORS.
        .handler(Cors::handle)
        .handler(
            context -> {
              if (reads(context)) {
                pages.send(context, context.normalizedPath().substring(1));
              } else {
                WebPages.notFound(context);
              }
            });
  }

  private void page(String path, WebPages pages, String file) {
    route("page", path)
        .handler(
            context -> {
              if (reads(context)) {
                pages.send(context, file);
              } else {
                notAllowed(context, "GET, HEAD");
              }
            });
  }

  private void get(String name, String path, Handler<RoutingContext> handler) {
    route(name, path)
        .handler(Cors::handle)
        .handler(
            context -> {
              if (reads(context)) {
                handler.handle(context);
              } else if (context.request().method() == HttpMethod.OPTIONS) {
                Cors.options(context, "GET, HEAD, OPTIONS");
              } else {
                notAllowed(context, "GET, HEAD, OPTIONS");
              }
            });
  }

  private Route route(String name, String path) {
    return router.route(path).handler(metrics.counting(name));
  }

  private static boolean reads(RoutingContext context) {
    HttpMethod method = context.request().method();
    return method == HttpMethod.GET || method == HttpMethod.HEAD;
  }

  private void limited(RoutingContext context, Runnable handler) {
    int wait = limiter.secondsToWait(clients.of(context.request()), System.nanoTime());
    if (wait == 0) {
      handler.run();
      return;
    }
    metrics.rateLimited.inc();
    String sentence = "Too many requests from this address: wait " + wait + " s.";
    new Problem(429, "rate-limited", sentence, wait).send(context.response());
  }

  private static void notAllowed(RoutingContext context, String methods) {
    context.response().putHeader("Allow", methods);
    Problem.of(405, "method", "Use one of " + methods + " here.").send(context.response());
  }

  private static void failed(RoutingContext context) {
    Throwable cause = context.failure();
    if (cause != null) {
      LOG.error("A request to {} failed", context.currentRoute(), cause);
    }
    int status = context.statusCode() >= 400 ? context.statusCode() : 500;
    String sentence =
        status < 500
            ? "The request could not be understood: check it against the API."
            : "The node failed: try again, or another node.";
    Problem.of(status, status < 500 ? "bad-request" : "internal", sentence)
        .send(context.response());
  }
}
