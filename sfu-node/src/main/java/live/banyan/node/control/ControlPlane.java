package live.banyan.node.control;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import live.banyan.mesh.Directory;
import live.banyan.mesh.NodeRecord;
import live.banyan.mesh.host.RelayTree;
import live.banyan.mesh.host.TreeConfig;
import live.banyan.node.data.DataPlane;
import live.banyan.node.data.LayerNeeds;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.relay.LinkSettings;
import live.banyan.sfu.relay.RelayLinks;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.sfu.shard.ShardEvent;
import live.banyan.sfu.srtp.CryptoPath;
import live.banyan.sfu.srtp.PacketCiphers;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.MediaPlane.HostCandidate;
import live.banyan.signaling.port.StreamDirectory;
import live.banyan.signaling.port.StreamDirectory.NodeInfo;
import live.banyan.signaling.port.StreamDirectory.Peer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's control plane, put together: sessions, streams, links and the relay tree around one
 * control thread. The public methods are safe from any thread.
 */
public final class ControlPlane implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlPlane.class);

  private static final long SWEEP_MS = 1_000;

  /**
   * What a control plane works with.
   *
   * @param ids hands out transport, track and subscription identifiers
   * @param waitingMs how long viewers outlast their broadcaster
   * @param carry streams that this node takes without viewers
   */
  public record Parts(
      Consumer<ShardCommand> shard,
      TransportNames names,
      Directory directory,
      DtlsEndpoint dtls,
      boolean jceOnly,
      SecureRandom random,
      AtomicLong ids,
      List<HostCandidate> candidates,
      int sessionsMax,
      long waitingMs,
      List<String> carry,
      int warmLinks,
      UplinkGate gate,
      PrometheusRegistry registry,
      Sessions.JoinTimes joinTimes,
      Supplier<NodeInfo> nodeInfo) {}

  private final ControlThread thread = new ControlThread();
  private final Directory directory;
  private final RelayLinks links;
  private final DataPlane data;
  private final RelayTree tree;
  private final Streams streams;
  private final Sessions sessions;
  private final SiteStreams siteStreams;
  private final Throughput throughput = new Throughput();
  private final AtomicLong lostEvents = new AtomicLong();
  private final boolean jceOnly;

  private ControlPlane(Parts parts) {
    this.directory = parts.directory;
    this.jceOnly = parts.jceOnly;
    this.links =
        RelayLinks.secured(
            directory,
            LinkSettings.defaults(),
            parts.ids::incrementAndGet,
            parts.shard,
            parts.dtls,
            ciphers(RelayLinks.SSRCS_MAX));
    this.data =
        new DataPlane(
            parts.random,
            directory.self().nodeId(),
            Handshakes.DATA_BYTES_MAX,
            RelayLinks.DATA_BYTES_MAX,
            links::sendData);
    links.listenData(data::receive);
    data.listenNeeds(this::onNeeds);
    links.listenTransports((nodeId, transport) -> data.linkChanged(nodeId, transport.isPresent()));
    NodeOverlay overlay = new NodeOverlay(links, data);
    this.streams =
        new Streams(
            thread,
            parts.shard,
            directory,
            overlay,
            parts.ids,
            parts.waitingMs,
            parts.carry,
            parts.gate);
    this.tree =
        new RelayTree(
            new TreeConfig(directory.self().maxChildren(), parts.warmLinks),
            directory,
            links,
            new RelayBinding(thread, streams, new Positions(parts.shard)),
            parts.registry,
            parts.random);
    overlay.bind(tree);
    this.sessions =
        new Sessions(
            thread,
            parts.shard,
            streams,
            directory,
            new DtlsHandshakes(parts.dtls, ciphers(PacketCiphers.RECEIVE_SSRCS_MAX)),
            parts.random,
            parts.names,
            parts.ids,
            parts.candidates,
            parts.sessionsMax,
            parts.joinTimes,
            data,
            parts.gate);
    this.siteStreams = new SiteStreams(directory, parts.nodeInfo);
    directory.listen(
        (change, key) -> {
          if (change == Directory.Change.STREAM) {
            thread.execute(() -> streams.directoryChanged(key));
          }
        });
  }

  /** Puts the parts together and starts the periodic chores. */
  public static ControlPlane start(Parts parts) {
    ControlPlane plane = new ControlPlane(parts);
    plane.thread.every(SWEEP_MS, () -> plane.streams.sweep(System.currentTimeMillis()));
    // Streams that were live before this node came.
    plane
        .directory
        .streams()
        .forEach(s -> plane.thread.execute(() -> plane.streams.directoryChanged(s.name())));
    var unused = plane.links.warmUp();
    return plane;
  }

  private Function<SrtpKeys, PacketCipher> ciphers(int receiveSsrcsMax) {
    return jceOnly
        ? keys -> PacketCiphers.create(keys, receiveSsrcsMax, CryptoPath.SUNJCE)
        : keys -> PacketCiphers.create(keys, receiveSsrcsMax);
  }

  public MediaPlane sessions() {
    return sessions;
  }

  public StreamDirectory siteStreams() {
    return siteStreams;
  }

  public RelayLinks links() {
    return links;
  }

  /** Calls back on the control thread again and again, with a way to get rid of somebody. */
  public void every(long ms, Consumer<Shedding> chore) {
    Shedding way =
        new Shedding() {
          @Override
          public int streams() {
            return streams.all().size();
          }

          @Override
          public void endViewer(String sessionId, String why) {
            sessions.endViewer(sessionId, why);
          }

          @Override
          public void moveChild(String stream, String nodeId, boolean now) {
            tree.moveChild(stream, nodeId, now);
          }
        };
    thread.every(ms, () -> chore.accept(way));
  }

  /** Takes an event on the shard's thread; hands it over and returns. */
  public void onShardEvent(ShardEvent event) {
    if (links.onShardEvent(event)
        || event instanceof ShardEvent.Dtls dtls && sessions.receive(dtls)) {
      return;
    }
    try {
      thread.execute(() -> handle(event));
    } catch (RejectedExecutionException e) {
      lostEvents.incrementAndGet();
    }
  }

  private void onNeeds(String childId, LayerNeeds needs) {
    try {
      thread.execute(() -> streams.childNeeds(childId, needs));
    } catch (RejectedExecutionException e) {
      lostEvents.incrementAndGet(); // the child will repeat it
    }
  }

  private void handle(ShardEvent event) {
    switch (event) {
      case ShardEvent.SourceFlowing flowing ->
          streams.flowing(flowing.trackId(), flowing.transportId());
      case ShardEvent.SourceSilent silent -> streams.silent(silent.trackId(), silent.transportId());
      case ShardEvent.Dtls e -> sessions.onShardEvent(e);
      case ShardEvent.TransportConnected e -> sessions.onShardEvent(e);
      case ShardEvent.TransportGone e -> sessions.onShardEvent(e);
      case ShardEvent.SourceBye e -> sessions.onShardEvent(e);
      case ShardEvent.SubscriptionFlowing e -> sessions.onShardEvent(e);
      case ShardEvent.LayersNeeded e -> streams.layersNeeded(e.trackId(), e.layers());
      case ShardEvent.LinkStun e -> {}
    }
  }

  public DataPlane data() {
    return data;
  }

  /** What this node tells of itself. */
  public NodeInfo nodeInfo(
      String version,
      String site,
      String http,
      String state,
      long startedAtMs,
      String udpPath,
      long bytesIn,
      long bytesOut) {
    Throughput.Rates rates = throughput.rates(bytesIn, bytesOut, System.nanoTime());
    int[] counts = now(() -> new int[] {streams.all().size(), sessions.viewers()});
    NodeRecord self = directory.self();
    return new NodeInfo(
        self.nodeId(),
        version,
        site,
        http,
        state,
        startedAtMs,
        counts[0],
        counts[1],
        tree.children().size(),
        self.maxChildren(),
        rates.bitsPerSecondIn(),
        rates.bitsPerSecondOut(),
        udpPath,
        jceOnly ? CryptoPath.SUNJCE.label() : PacketCiphers.cryptoPath(),
        peers());
  }

  private int[] now(Supplier<int[]> task) {
    try {
      return thread.call(task).toCompletableFuture().get(1, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.debug("counts are not to be had now: {}", e.toString());
    }
    return new int[] {0, 0};
  }

  private List<Peer> peers() {
    List<Peer> peers = new ArrayList<>();
    String self = directory.self().nodeId();
    for (NodeRecord node : directory.nodes()) {
      if (!node.nodeId().equals(self)) {
        long rttNs = links.rttNs(node.nodeId());
        boolean linked = links.transportId(node.nodeId()).isPresent();
        peers.add(
            new Peer(
                node.nodeId(),
                node.http(),
                linked,
                rttNs < 0 ? -1 : rttNs / 1e6,
                linked ? links.loss(node.nodeId()) : -1));
      }
    }
    return peers;
  }

  /**
   * Refuses newcomers, sends viewers' pages elsewhere, hands children over. Blocks until they have
   * moved, at most {@code patience}.
   */
  public void drain(java.time.Duration patience) {
    long deadline = System.nanoTime() + patience.toNanos();
    thread.execute(sessions::drain);
    otherNode().ifPresent(siteStreams::move);
    try {
      tree.drain().toCompletableFuture().get(patience.toMillis(), TimeUnit.MILLISECONDS);
      awaitViewers(deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      log.warn("not everybody has moved in time: {}", e.toString());
    }
    CompletableFuture<Void> ended = new CompletableFuture<>();
    thread.execute(
        () -> {
          sessions.endAll("the node is going down");
          streams.closeAll();
          ended.complete(null);
        });
    ended.completeOnTimeout(null, 1, TimeUnit.SECONDS).join();
  }

  private Optional<String> otherNode() {
    String self = directory.self().nodeId();
    return directory.nodes().stream()
        .filter(n -> !n.draining() && !n.nodeId().equals(self))
        .map(NodeRecord::http)
        .sorted()
        .findFirst();
  }

  /** Pages of ours leave by themselves; other players cannot be told, and are not waited for. */
  private void awaitViewers(long deadlineNs) throws InterruptedException {
    while (siteStreams.listening() && now(() -> new int[] {sessions.viewers()})[0] > 0) {
      long left = deadlineNs - System.nanoTime();
      if (left <= 0) {
        return;
      }
      TimeUnit.NANOSECONDS.sleep(Math.min(left, 20_000_000L));
    }
  }

  /** Events of the shard that found the control queue full. */
  public long lostEvents() {
    return lostEvents.get();
  }

  @Override
  public void close() {
    tree.close();
    links.close();
    data.close();
    thread.close();
  }
}
