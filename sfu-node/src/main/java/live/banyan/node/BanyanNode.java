package live.banyan.node;

import com.sun.management.UnixOperatingSystemMXBean;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import live.banyan.mesh.Directory;
import live.banyan.mesh.NodeRecord;
import live.banyan.mesh.host.NodeKeyFile;
import live.banyan.mesh.site.Site;
import live.banyan.mesh.site.SiteConfig;
import live.banyan.mesh.site.SiteException;
import live.banyan.mesh.site.SoloDirectory;
import live.banyan.node.control.ControlPlane;
import live.banyan.node.control.UplinkGate;
import live.banyan.node.volunteer.Volunteer;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.dtls.DtlsIdentity;
import live.banyan.sfu.dtls.DtlsLimits;
import live.banyan.sfu.io.IoCounters;
import live.banyan.sfu.io.UdpOptions;
import live.banyan.sfu.shard.ShardConfig;
import live.banyan.sfu.shard.ShardCounter;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.auth.AuthKey;
import live.banyan.signaling.auth.Grant;
import live.banyan.signaling.auth.Tokens;
import live.banyan.signaling.http.Cidr;
import live.banyan.signaling.http.SignalingConfig;
import live.banyan.signaling.http.SignalingServer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One running node: makes the parts, wires them, stops them in the reverse order. */
public final class BanyanNode implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(BanyanNode.class);

  private static final Duration STUDIO_LINK_VALID = Duration.ofHours(24);

  /** What a node is doing, as health checks and pages say it. */
  enum State {
    STARTING,
    READY,
    DRAINING,
    STOPPED
  }

  private final NodeConfig config;
  private final DataDirectory data;
  private final SecureRandom random = new SecureRandom();
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final AtomicReference<State> state = new AtomicReference<>(State.STARTING);
  private final long startedAtMs = System.currentTimeMillis();

  private final Shards shards;
  private final DtlsIdentity identity;
  private final @Nullable Site site;
  private final Vertx vertx;
  private final Directory directory;
  private final ControlPlane control;
  private final @Nullable Volunteer volunteer;
  private final @Nullable Tokens tokens;
  private final SignalingServer server;
  private final String http;

  private BanyanNode(NodeConfig config) throws IOException, SiteException {
    this.config = config;
    this.data = DataDirectory.open(config.data());
    String nodeId = NodeKeyFile.loadOrCreate(config.data(), random).nodeId();
    this.identity = DtlsIdentity.loadOrCreate(config.data().resolve("dtls.pem"), random);
    this.tokens =
        config.open()
            ? null
            : new Tokens(authKey(config), config.ed25519Keys(), InstantSource.system());

    NodeMetrics metrics = new NodeMetrics(registry);
    AtomicReference<@Nullable ControlPlane> events = new AtomicReference<>();
    long wallClockOffsetNs = System.currentTimeMillis() * 1_000_000L - System.nanoTime();
    this.shards =
        new Shards(
            config.shardsMax(),
            config.shards() > 0,
            config.udp(),
            udpOptions(config),
            event -> {
              ControlPlane plane = events.get();
              if (plane != null) {
                plane.onShardEvent(event);
              }
            },
            // SSRCs, first numbers and jitter: unpredictable enough, and without garbage.
            new SplittableRandom(random.nextLong()),
            random,
            ShardConfig.standard(wallClockOffsetNs).among(config.shardsSharing()));
    Announced announced = Announced.of(config.announce(), shards.localAddress());

    String provisionalHttp = httpUrl(config, config.http().getPort(), announced);
    NodeRecord self =
        new NodeRecord(
            nodeId,
            provisionalHttp,
            announced.endpoints(),
            identity.fingerprint().value(),
            config.maxChildren(),
            false,
            startedAtMs);
    VertxOptions options = new VertxOptions().setEventLoopPoolSize(2).setWorkerPoolSize(4);
    if (config.site().isEmpty()) {
      this.site = null;
      this.vertx = Vertx.vertx(options);
      this.directory = new SoloDirectory(self);
    } else {
      Site joined = Site.start(siteConfig(config), self, options, registry);
      this.site = joined;
      this.vertx = joined.vertx();
      this.directory = joined.directory();
    }

    this.volunteer =
        config.volunteer() == null
            ? null
            : new Volunteer(
                config.volunteer(),
                config.data(),
                () -> shards.network(IoCounters::receivedBytes),
                () -> shards.network(IoCounters::sentBytes),
                InstantSource.system(),
                ZoneId.systemDefault());
    DtlsEndpoint dtls = new DtlsEndpoint(identity, DtlsLimits.defaults(), random);
    this.control =
        ControlPlane.start(
            new ControlPlane.Parts(
                shards,
                shards,
                directory,
                dtls,
                config.jceOnly(),
                random,
                new AtomicLong(),
                announced.candidates(),
                config.maxSessions(),
                config.waiting().toMillis(),
                config.carry(),
                config.warmLinks(),
                volunteer == null ? UplinkGate.OPEN : volunteer,
                registry,
                metrics::firstMedia,
                this::nodeInfo));
    events.set(control);
    metrics.shards(shards);
    metrics.network(shards);
    metrics.handshakes(dtls.counters());
    metrics.links(control.links());
    metrics.data(control.data());
    metrics.counter(
        "banyan_control_events_lost",
        "events of the shard that found the control queue full",
        control::lostEvents);
    Volunteer limits = volunteer;
    if (limits != null) {
      metrics.volunteer(limits);
      control.every(Volunteer.TICK_MS, limits::tick);
    }
    metrics.jvm();
    metrics.counter("banyan_shard_exceptions", "bugs met by the media shard", shards::exceptions);
    metrics.counter(
        "banyan_shard_queue_refused",
        "commands that found the shard's queue full",
        shards::refusedCommands);
    metrics.counter(
        "banyan_shard_allocated_bytes",
        "heap that the media thread allocated; per packet it takes none",
        shards::allocatedBytes);
    shards.start();

    this.server =
        await(
            SignalingServer.start(
                    vertx,
                    signalingConfig(config),
                    new SignalingServer.Parts(
                        control.sessions(),
                        control.siteStreams(),
                        tokens == null ? Access.open() : Access.tokens(tokens),
                        registry,
                        () -> state.get() == State.READY,
                        BanyanNode.class.getClassLoader()))
                .toCompletionStage());
    this.http = httpUrl(config, server.port(), announced);
    if (!http.equals(provisionalHttp)) {
      directory.announce(
          new NodeRecord(
              nodeId,
              http,
              self.udp(),
              self.fingerprint(),
              self.maxChildren(),
              false,
              startedAtMs));
    }
    state.set(State.READY);
  }

  /**
   * Starts a node; on return it is ready.
   *
   * @throws IOException when a port or the data directory is taken; the message says which
   */
  public static BanyanNode start(NodeConfig config) throws IOException {
    try {
      BanyanNode node = new BanyanNode(config);
      log.info("ready: {}, media {}", node.http, node.directory.self().udp());
      return node;
    } catch (SiteException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static AuthKey authKey(NodeConfig config) throws IOException {
    Path file = config.authKey();
    return file == null ? AuthKey.loadOrCreate(config.data()) : AuthKey.load(file);
  }

  private static UdpOptions udpOptions(NodeConfig config) {
    return config.nioOnly() ? UdpOptions.DEFAULT.withPath(UdpOptions.Path.NIO) : UdpOptions.DEFAULT;
  }

  private static SiteConfig siteConfig(NodeConfig config) {
    try {
      return new SiteConfig(
          config.site(),
          config.cluster().getAddress().getHostAddress(),
          config.cluster().getPort(),
          config.join());
    } catch (IllegalArgumentException e) {
      throw new NodeConfig.Broken("banyan.site: " + e.getMessage());
    }
  }

  private static SignalingConfig signalingConfig(NodeConfig config) {
    NodeConfig.HttpLimits limits = config.httpLimits();
    var cert = config.tlsCert();
    var key = config.tlsKey();
    try {
      return new SignalingConfig(
          config.http().getAddress().getHostAddress(),
          config.http().getPort(),
          cert == null || key == null ? null : new SignalingConfig.Tls(cert, key),
          config.trustedProxies().stream().map(Cidr::parse).toList(),
          limits.bodyBytesMax(),
          limits.bodyTimeoutMs(),
          limits.openTimeoutMs(),
          (int) Math.ceil(config.ratePerSecond()),
          Math.max(1, config.rateBurst()),
          config.maxSessions(),
          limits.listenersMax(),
          (int) Math.min(limits.connectionsMax(), descriptorsMax() * 3 / 4),
          config.iceServers(),
          config.hideLists());
    } catch (IllegalArgumentException e) {
      throw new NodeConfig.Broken(e.getMessage());
    }
  }

  /** Files and sockets that the system lets this process have, the node's own included. */
  private static long descriptorsMax() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Integer.MAX_VALUE;
  }

  private static String httpUrl(NodeConfig config, int port, Announced announced) {
    if (!config.publicUrl().isEmpty()) {
      return config.publicUrl();
    }
    InetSocketAddress bind = config.http();
    String host =
        bind.getAddress().isAnyLocalAddress()
            ? announced.candidates().getFirst().address()
            : bind.getAddress().getHostAddress();
    return (config.tlsCert() == null ? "http://" : "https://")
        + (host.contains(":") ? "[" + host + "]" : host)
        + ":"
        + port;
  }

  private static <T> T await(java.util.concurrent.CompletionStage<T> stage) throws IOException {
    try {
      return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while starting", e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IOException(cause.getMessage(), cause);
    } catch (TimeoutException e) {
      throw new IOException("the HTTP server did not start within 20 s", e);
    }
  }

  private live.banyan.signaling.port.StreamDirectory.NodeInfo nodeInfo() {
    NodeRecord self = directory.self();
    return control.nodeInfo(
        Version.text(),
        config.site(),
        self.http(),
        stateNow().name().toLowerCase(java.util.Locale.ROOT),
        startedAtMs,
        shards.udpPath(),
        shards.get(ShardCounter.RTP_BYTES_IN),
        shards.get(ShardCounter.RTP_BYTES_OUT));
  }

  private State stateNow() {
    return Objects.requireNonNull(state.get());
  }

  /** What a person who started the node reads. */
  String welcome() {
    String studio = http + "/studio";
    Tokens t = tokens;
    if (t != null) {
      // The studio puts the second into the links that it makes for viewers.
      studio +=
          "#token="
              + t.issue(Grant.PUBLISH, Tokens.EVERY_STREAM, STUDIO_LINK_VALID)
              + "&watch="
              + t.issue(Grant.WATCH, Tokens.EVERY_STREAM, STUDIO_LINK_VALID);
    }
    return """
        This node is ready.

          Pages    %s
          Studio   %s
        %s
        Ctrl-C stops it."""
        .formatted(
            http,
            studio,
            t == null
                ? "\n  Open to everybody: no tokens are asked for.\n"
                : "\n  The studio link lets its bearer publish any stream for 24 hours: keep it to"
                    + " yourself.\n  Tokens for others: ./banyan token --help\n");
  }

  String http() {
    return http;
  }

  Shards shards() {
    return shards;
  }

  PrometheusRegistry registry() {
    return registry;
  }

  /** Moves children and viewers to other nodes, then stops. Blocks, at most the drain time. */
  @Override
  public void close() {
    if (state.getAndSet(State.DRAINING) == State.DRAINING) {
      return;
    }
    log.info("stopping: children and viewers move first");
    control.drain(config.drain());
    state.set(State.STOPPED);
    try {
      await(server.close().toCompletionStage().thenApply(nothing -> ""));
    } catch (IOException e) {
      log.warn("the HTTP server did not close cleanly: {}", e.getMessage());
    }
    control.close();
    Volunteer limits = volunteer;
    if (limits != null) {
      limits.close();
    }
    shards.close();
    Site s = site;
    if (s != null) {
      s.close();
    } else {
      directory.close();
      vertx.close();
    }
    try {
      data.close();
    } catch (IOException e) {
      log.warn("the data directory's lock: {}", e.getMessage());
    }
    log.info("stopped");
  }
}
