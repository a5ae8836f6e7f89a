package live.banyan.sfu.relay;

import java.net.InetSocketAddress;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import live.banyan.mesh.Directory;
import live.banyan.mesh.LinkTransport;
import live.banyan.mesh.NodeRecord;
import live.banyan.sfu.dtls.DtlsEndpoint;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.sfu.shard.ShardEvent;

/**
 * The links of this node to others. Safe from any thread; {@link #onShardEvent} belongs to the
 * shard's and never blocks it.
 */
public final class RelayLinks implements LinkTransport, AutoCloseable {
  /**
   * SSRCs that one end may use over the life of one association. A cipher that receives from a link
   * must have room for as many.
   */
  public static final int SSRCS_MAX = 4000;

  /** Largest packet of {@link #sendData}. */
  public static final int DATA_BYTES_MAX = 1100;

  private final LinkCounters counters = new LinkCounters();
  private final LinkAnnouncer announcer =
      new LinkAnnouncer(counters.of(LinkCount.MESSAGES_DROPPED));
  private final InjectedSocket.Stand stand;
  private final LinkLoop loop;
  private final LinkSetup setup;
  private final LinkWarmUp warmUp;
  private final AtomicBoolean closed = new AtomicBoolean();

  /** Links that are up, by node. */
  private final Map<String, Link> up = new ConcurrentHashMap<>();

  private volatile BiConsumer<String, byte[]> dataListener = (nodeId, packet) -> {};
  private volatile Consumer<LinkEvent> listener = event -> {};
  private volatile BiConsumer<String, OptionalLong> transportListener = (nodeId, transport) -> {};

  /** One link that is up, for metrics and pages. Times in nanoseconds, loss 0 to 1. */
  public record LinkView(String nodeId, long transportId, long rttNs, double loss) {}

  /** Links secured by the node's DTLS endpoint; a cipher takes {@link #SSRCS_MAX} SSRCs. */
  public static RelayLinks secured(
      Directory directory,
      LinkSettings settings,
      LongSupplier transportIds,
      Consumer<ShardCommand> commands,
      DtlsEndpoint endpoint,
      Function<SrtpKeys, PacketCipher> ciphers) {
    return new RelayLinks(
        directory, settings, transportIds, commands, new DtlsChannels(endpoint), ciphers);
  }

  /**
   * Links with channels and ciphers of choice.
   *
   * @param directory whose own record already announces the node's addresses
   * @param transportIds hands out transport identifiers, unique in the process
   * @param commands the shard's thread-safe command queue
   * @param channels DTLS with this node's certificate
   * @param ciphers SRTP of an association
   */
  RelayLinks(
      Directory directory,
      LinkSettings settings,
      LongSupplier transportIds,
      Consumer<ShardCommand> commands,
      SecureChannel.Factory channels,
      Function<SrtpKeys, PacketCipher> ciphers) {
    NodeRecord self = directory.self();
    List<InetSocketAddress> own = OfferCheck.parse(self.udp());
    if (own.isEmpty()) {
      throw new IllegalArgumentException(
          "the node's record announces no UDP address, so nobody could link to it: " + self.udp());
    }
    try {
      stand = new InjectedSocket.Stand();
    } catch (SocketException e) {
      throw new IllegalStateException("no datagram socket to be had", e);
    }
    loop = new LinkLoop((nowNs, lateNs) -> tick(nowNs, lateNs));
    LinkContext context =
        new LinkContext(
            self.nodeId(),
            own,
            settings,
            commands,
            channels,
            ciphers,
            loop,
            counters,
            stand,
            new Announcements());
    setup = new LinkSetup(directory, context, transportIds);
    warmUp = new LinkWarmUp(context, self);
    announcer.start();
    loop.start();
    directory.answer(LinkOffer.TOPIC, setup::answer);
  }

  @Override
  public void connect(NodeRecord peer) {
    loop.control(() -> setup.connect(peer));
  }

  @Override
  public void disconnect(String nodeId) {
    loop.control(
        () -> {
          Link link = setup.link(nodeId);
          if (link != null) {
            link.close("closed here");
          }
        });
  }

  @Override
  public boolean send(String nodeId, byte[] message) {
    if (message.length > MESSAGE_BYTES_MAX) {
      throw new IllegalArgumentException("a control message of " + message.length + " bytes");
    }
    Link link = up.get(nodeId);
    return link != null && link.send(message);
  }

  /** Sends a packet of the data channels to a node; false when there is no link. */
  public boolean sendData(String nodeId, byte[] packet) {
    if (packet.length > DATA_BYTES_MAX) {
      throw new IllegalArgumentException("a data packet of " + packet.length + " bytes");
    }
    Link link = up.get(nodeId);
    return link != null && link.sendData(packet);
  }

  /**
   * Registers the one listener to data channels' packets; called on the thread of the link events,
   * after the transport's listener has been told of the link.
   */
  public void listenData(BiConsumer<String, byte[]> listener) {
    this.dataListener = listener;
  }

  @Override
  public void listen(Consumer<LinkEvent> listener) {
    this.listener = listener;
  }

  /**
   * Registers the one listener to which transport a node's media belongs: called with the transport
   * before Up, and with empty before Down, on the thread of the link events.
   */
  public void listenTransports(BiConsumer<String, OptionalLong> listener) {
    this.transportListener = listener;
  }

  @Override
  public long rttNs(String nodeId) {
    Link link = up.get(nodeId);
    return link == null ? -1 : link.rttNs();
  }

  /** Share of the node's latest 64 heartbeats that did not arrive here, 0 to 1. */
  public double loss(String nodeId) {
    Link link = up.get(nodeId);
    return link == null ? 0 : link.loss();
  }

  /** The shard's transport of the link to a node; empty while it is not up. */
  public OptionalLong transportId(String nodeId) {
    Link link = up.get(nodeId);
    return link == null ? OptionalLong.empty() : OptionalLong.of(link.transportId);
  }

  /**
   * An SSRC to send with on the link to a node, never handed out twice for one association: a
   * repeated (SSRC, sequence number) under one key would repeat a GCM nonce. Odd at the end that
   * opened the link, even at the other.
   *
   * @return 0 when there is no link, or when its {@link #SSRCS_MAX} are used up, which ends it
   */
  public int nextSsrc(String nodeId) {
    Link link = up.get(nodeId);
    return link == null ? 0 : link.nextSsrc();
  }

  /**
   * Says whether this node sends or takes relays over the link. Such a link beats every 50 ms and
   * is down after 300 ms of silence, at both ends; it suffices that one end says so. Forgotten when
   * the link goes down.
   */
  public void carriesRelays(String nodeId, boolean carries) {
    loop.control(
        () -> {
          Link link = setup.link(nodeId);
          if (link != null) {
            link.carriesRelays(carries);
          }
        });
  }

  /**
   * Takes what the shard says of links; ignores everything else. Shard's thread, never blocks.
   *
   * @return whether the event belonged to a link
   */
  public boolean onShardEvent(ShardEvent event) {
    return switch (event) {
      case ShardEvent.Dtls dtls -> {
        Link link = setup.byTransport(dtls.transportId());
        if (link != null) {
          link.onDtls(dtls.datagram());
        }
        yield link != null;
      }
      case ShardEvent.LinkStun stun -> {
        Link link = setup.byTransport(stun.transportId());
        if (link != null) {
          link.onStun(
              stun.datagram(),
              new InetSocketAddress(
                  Endpoint.address(stun.addressHigh(), stun.addressLow()), stun.port()));
        }
        yield link != null;
      }
      case ShardEvent.TransportGone gone -> {
        Link link = setup.byTransport(gone.transportId());
        if (link != null) {
          loop.control(() -> link.close("the transport ended: " + gone.reason()));
        }
        yield link != null;
      }
      case ShardEvent.TransportConnected connected -> false;
      case ShardEvent.SourceFlowing flowing -> false;
      case ShardEvent.SourceSilent silent -> false;
      case ShardEvent.SubscriptionFlowing flowing -> false;
      case ShardEvent.SourceBye bye -> false;
      case ShardEvent.LayersNeeded needed -> false;
    };
  }

  /** All links that are up. */
  public List<LinkView> links() {
    List<LinkView> views = new ArrayList<>();
    up.forEach(
        (nodeId, link) ->
            views.add(new LinkView(nodeId, link.transportId, link.rttNs(), link.loss())));
    return views;
  }

  /** A counter of all links since the start. */
  public long count(LinkCount count) {
    return counters.of(count).sum();
  }

  /** Offers, answers and wishes for a link that were refused for a reason, since the start. */
  public long refusals(OfferRefusal reason) {
    return counters.of(reason).sum();
  }

  /**
   * Does one handshake in memory on a background thread, so that the first link does not pay for
   * loading classes. Costs a core for the better part of a second: call it when the node is ready.
   *
   * @return completes with whether it worked; nothing need wait for it
   */
  public CompletableFuture<Boolean> warmUp() {
    return CompletableFuture.supplyAsync(warmUp::run, Thread::startVirtualThread);
  }

  /** Says BYE on every link and frees everything; returns within 2 s. */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    setup.close();
    loop.close();
    announcer.close();
    stand.release();
  }

  private long tick(long nowNs, long lateNs) {
    long waitNs = Long.MAX_VALUE;
    for (Link link : setup.links()) {
      waitNs = Math.min(waitNs, link.tick(nowNs, lateNs));
    }
    return waitNs;
  }

  /** From the loop's thread to the listeners' thread. */
  private final class Announcements implements Link.Events {
    @Override
    public void up(Link link) {
      up.put(link.peer.nodeId(), link);
      announcer.change(
          () -> {
            transportListener.accept(link.peer.nodeId(), OptionalLong.of(link.transportId));
            listener.accept(new Up(link.peer.nodeId()));
          });
    }

    @Override
    public void down(Link link, String sentence) {
      setup.forget(link);
      boolean was = up.remove(link.peer.nodeId(), link);
      announcer.change(
          () -> {
            if (was) {
              transportListener.accept(link.peer.nodeId(), OptionalLong.empty());
            }
            listener.accept(new Down(link.peer.nodeId(), sentence));
          });
    }

    @Override
    public void data(Link link, byte[] packet) {
      announcer.message(() -> dataListener.accept(link.peer.nodeId(), packet));
    }

    @Override
    public void received(Link link, byte[] message) {
      announcer.message(() -> listener.accept(new Received(link.peer.nodeId(), message)));
    }
  }
}
