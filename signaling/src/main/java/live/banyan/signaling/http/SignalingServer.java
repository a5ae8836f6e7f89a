package live.banyan.signaling.http;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.PemKeyCertOptions;
import java.net.BindException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.StreamDirectory;
import org.jspecify.annotations.Nullable;

/** The running HTTP server of a node. */
public final class SignalingServer {
  private static final int HEADER_BYTES_MAX = 16 * 1024;
  private static final int LINE_BYTES_MAX = 4 * 1024;

  /** Longer than the heartbeat of event streams. */
  private static final int IDLE_S = 60;

  private static final long SHUTDOWN_GRACE_S = 2;

  private final Vertx vertx;
  private final Deployment deployment;
  private final String deploymentId;

  private SignalingServer(Vertx vertx, Deployment deployment, String deploymentId) {
    this.vertx = vertx;
    this.deployment = deployment;
    this.deploymentId = deploymentId;
  }

  /**
   * What the server works with.
   *
   * @param ready false while the node starts or drains
   * @param web where the class path folder {@code web/} is found
   */
  public record Parts(
      MediaPlane plane,
      StreamDirectory directory,
      Access access,
      PrometheusRegistry registry,
      BooleanSupplier ready,
      ClassLoader web) {}

  /** Binds and starts; fails when the address is taken or the TLS files are unusable. */
  public static Future<SignalingServer> start(Vertx vertx, SignalingConfig config, Parts parts) {
    Deployment deployment = new Deployment(config, parts);
    return vertx
        .deployVerticle(deployment)
        .map(deploymentId -> new SignalingServer(vertx, deployment, deploymentId));
  }

  /** The bound port. */
  public int port() {
    return deployment.port;
  }

  /** Ends event streams, lets running requests finish, and closes. Sessions are the plane's. */
  public Future<Void> close() {
    return vertx.undeploy(deploymentId);
  }

  /** Keeps server, routes and timers on one event loop. */
  private static final class Deployment extends VerticleBase {
    private final SignalingConfig config;
    private final Parts parts;
    private @Nullable Routes routes;
    private @Nullable HttpServer server;
    private volatile int port;

    Deployment(SignalingConfig config, Parts parts) {
      this.config = config;
      this.parts = parts;
    }

    @Override
    public Future<?> start() {
      Routes started = new Routes(vertx, config, parts);
      routes = started;
      return vertx
          .createHttpServer(options(config))
          .connectionHandler(started.connections()::opened)
          .requestHandler(started.router())
          .listen()
          .onSuccess(
              bound -> {
                server = bound;
                port = bound.actualPort();
              })
          .onFailure(taken -> started.close())
          .recover(e -> Future.failedFuture(e instanceof BindException ? named(e) : e));
    }

    /** The system's own words leave out which address it was. */
    private BindException named(Throwable e) {
      BindException named =
          new BindException(
              "HTTP %s:%d cannot be used (%s): stop what uses it or choose another port"
                  .formatted(config.host(), config.port(), e.getMessage()));
      named.initCause(e);
      return named;
    }

    @Override
    public Future<?> stop() {
      if (routes != null) {
        routes.close();
      }
      return server == null
          ? Future.succeededFuture()
          : server.shutdown(SHUTDOWN_GRACE_S, TimeUnit.SECONDS);
    }
  }

  private static HttpServerOptions options(SignalingConfig config) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(config.host())
            .setPort(config.port())
            .setMaxHeaderSize(HEADER_BYTES_MAX)
            .setMaxInitialLineLength(LINE_BYTES_MAX)
            .setIdleTimeout(IDLE_S)
            .setIdleTimeoutUnit(TimeUnit.SECONDS)
            .setHandle100ContinueAutomatically(true)
            // Its detection would hide connections that never send a byte from the bound.
            .setHttp2ClearTextEnabled(false)
            // There are no WebSockets here; their extensions would look at every request.
            .setPerFrameWebSocketCompressionSupported(false)
            .setPerMessageWebSocketCompressionSupported(false)
            .setTcpNoDelay(true);
    SignalingConfig.Tls tls = config.tls();
    if (tls != null) {
      options
          .setSsl(true)
          .setUseAlpn(true)
          .setKeyCertOptions(
              new PemKeyCertOptions()
                  .addCertPath(tls.certificate().toString())
                  .addKeyPath(tls.key().toString()));
    }
    return options;
  }
}
