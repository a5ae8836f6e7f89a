package live.banyan.sfu.relay;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.AtomicInteger;
import live.banyan.mesh.NodeRecord;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.shard.ShardCommand;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One link from connectivity checks to its end: ICE, DTLS, greeting, heartbeat. Owned by the loop's
 * thread, except where a method says otherwise.
 */
final class Link {
  private static final Logger LOG = LoggerFactory.getLogger(Link.class);

  final NodeRecord peer;
  final long transportId;
  final boolean initiator;

  private final LinkContext context;
  private final long deadlineNs;
  private final AtomicInteger ssrcs;
  private final LinkChannel channel;

  private volatile Phase phase = Phase.OFFERING;
  private volatile @Nullable IceSession ice;
  private volatile @Nullable LinkPulse pulse;

  private boolean peerGreeted;
  private long nextHelloNs;
  private boolean carriesRelays;

  /** How far a link has come. */
  enum Phase {
    OFFERING,
    CHECKING,
    SECURING,
    GREETING,
    UP,
    CLOSED
  }

  /** What becomes of a link; called on the loop's thread. */
  interface Events {
    void up(Link link);

    /** Called once, unless the link was dropped quietly. */
    void down(Link link, String sentence);

    void received(Link link, byte[] message);

    /** A packet of the data channels; the channel's thread. */
    void data(Link link, byte[] packet);
  }

  Link(NodeRecord peer, long transportId, boolean initiator, LinkContext context, long nowNs) {
    this.peer = peer;
    this.transportId = transportId;
    this.initiator = initiator;
    this.context = context;
    this.deadlineNs = nowNs + context.settings().handshakeNs();
    this.channel = new LinkChannel(transportId, context, new FromChannel(), nowNs);
    // Odd here, even there: an SSRC on a link then also tells who sends it.
    this.ssrcs = new AtomicInteger(initiator ? 1 : 2);
  }

  // ---- connectivity

  /** The agent is built: STUN for it is wanted from now on. */
  void openIce(IceSession session) {
    ice = session;
    context.commands().accept(new ShardCommand.OpenLink(transportId, session.credentials()));
  }

  /** The peer's half of the handshake is known. */
  void startChecks(OfferCheck.Usable usable) {
    phase = Phase.CHECKING;
    LinkOffer offer = usable.offer();
    IceSession session = ice;
    if (session != null) {
      onVirtualThread(() -> session.start(offer.ufrag(), offer.password(), usable.candidates()));
    }
  }

  /** ICE has chosen; both ends begin DTLS, the initiator as client. */
  void onConnected(InetSocketAddress address) {
    if (phase != Phase.CHECKING) {
      return;
    }
    phase = Phase.SECURING;
    context
        .commands()
        .accept(
            new ShardCommand.SelectLinkPath(
                transportId,
                Endpoint.high(address.getAddress()),
                Endpoint.low(address.getAddress()),
                address.getPort()));
    channel.open(initiator, peer.fingerprint());
  }

  /** Takes STUN; shard's thread. */
  void onStun(byte[] datagram, InetSocketAddress from) {
    IceSession session = ice;
    if (session != null) {
      session.onStun(datagram, from);
    }
  }

  /** Takes a DTLS datagram; shard's thread. */
  void onDtls(byte[] datagram) {
    channel.receive(datagram);
  }

  // ---- greeting and heartbeat

  private void onSecured(PacketCipher cipher) {
    if (phase != Phase.SECURING) {
      cipher.close();
      return;
    }
    phase = Phase.GREETING;
    context.commands().accept(new ShardCommand.InstallCipher(transportId, cipher));
    hello(System.nanoTime());
    context.loop().tickSoon();
  }

  private void hello(long nowNs) {
    nextHelloNs = nowNs + context.settings().greetingNs();
    channel.send(
        new LinkMessage.Hello(
            LinkMessage.VERSION_MIN, LinkMessage.VERSION_MAX, peerGreeted, context.selfId()));
  }

  private void onMessage(LinkMessage message) {
    if (phase != Phase.GREETING && phase != Phase.UP) {
      return;
    }
    long nowNs = System.nanoTime();
    if (message instanceof LinkMessage.Hello hello) {
      onHello(hello, nowNs);
      return;
    }
    if (!peerGreeted) {
      return; // Overtook the greeting; the heartbeat comes again.
    }
    // Only a peer that has our greeting sends anything else.
    comeUp(nowNs);
    LinkPulse beating = pulse;
    if (beating == null) {
      return;
    }
    beating.onHeard(nowNs);
    switch (message) {
      case LinkMessage.Hello hello -> throw new AssertionError(hello);
      case LinkMessage.Ping ping -> beating.onPing(ping, nowNs);
      case LinkMessage.Pong pong -> beating.onPong(pong, nowNs);
      case LinkMessage.Bye bye -> {
        context.counters().of(LinkCount.LINKS_CLOSED_BY_PEER).increment();
        close("the peer closed the link");
      }
      case LinkMessage.Tree tree -> context.events().received(this, tree.message());
      case LinkMessage.Data data -> throw new AssertionError(data);
    }
    if (beating.due(nowNs)) {
      context.loop().tickSoon();
    }
  }

  private void onHello(LinkMessage.Hello hello, long nowNs) {
    int agreed = LinkMessage.agree(hello.minVersion(), hello.maxVersion());
    if (agreed < 0) {
      channel.send(new LinkMessage.Bye(LinkMessage.Bye.VERSION));
      close("the peer speaks no version of the link protocol that this node knows");
      return;
    }
    if (!hello.nodeId().equals(peer.nodeId())) {
      close("the peer's certificate fits but it calls itself another node");
      return;
    }
    channel.speak(agreed);
    boolean first = !peerGreeted;
    peerGreeted = true;
    LinkPulse beating = pulse;
    if (beating != null) {
      beating.onHeard(nowNs);
    }
    if (first || !hello.yoursArrived()) {
      hello(nowNs);
    }
    if (hello.yoursArrived()) {
      comeUp(nowNs);
    }
  }

  private void comeUp(long nowNs) {
    if (phase != Phase.GREETING) {
      return;
    }
    phase = Phase.UP;
    pulse = new LinkPulse(transportId, context, channel, this::silent, carriesRelays, nowNs);
    freeIce();
    context.counters().of(LinkCount.LINKS_UP).increment();
    context.events().up(this);
    context.loop().tickSoon();
  }

  /** Says whether relays run over this link: it then beats faster and fails sooner. */
  void carriesRelays(boolean carries) {
    carriesRelays = carries;
    LinkPulse beating = pulse;
    if (beating != null) {
      beating.carriesRelays(carries, System.nanoTime());
      context.loop().tickSoon();
    }
  }

  /**
   * Does what is due.
   *
   * @return nanoseconds until something is due again
   */
  long tick(long nowNs, long lateNs) {
    return switch (phase) {
      case CLOSED -> Long.MAX_VALUE;
      case UP -> beat(nowNs, lateNs);
      case OFFERING, CHECKING, SECURING, GREETING -> {
        if (nowNs - deadlineNs >= 0) {
          close("no link in time; it got as far as " + phase);
          yield Long.MAX_VALUE;
        }
        if (phase == Phase.GREETING && nowNs - nextHelloNs >= 0) {
          hello(nowNs);
        }
        long untilNs = deadlineNs - nowNs;
        yield phase == Phase.GREETING ? Math.min(untilNs, nextHelloNs - nowNs) : untilNs;
      }
    };
  }

  private long beat(long nowNs, long lateNs) {
    LinkPulse beating = pulse;
    if (beating == null) {
      throw new AssertionError("a link that is up has a pulse");
    }
    return beating.beat(nowNs, lateNs);
  }

  private void silent() {
    if (phase == Phase.UP) {
      context.counters().of(LinkCount.LINKS_SILENT).increment();
      close("the peer has gone silent");
    }
  }

  // ---- the rest of the world

  /** Sends a message of the overlay; any thread. */
  boolean send(byte[] message) {
    return phase == Phase.UP && channel.send(new LinkMessage.Tree(message));
  }

  /** Sends a packet of the data channels; any thread. */
  boolean sendData(byte[] packet) {
    return phase == Phase.UP && channel.send(new LinkMessage.Data(packet));
  }

  /** Smoothed round trip, -1 while unmeasured; any thread. */
  long rttNs() {
    LinkPulse beating = pulse;
    return beating == null ? -1 : beating.rttNs();
  }

  /** Share of the peer's latest heartbeats that were lost; any thread. */
  double loss() {
    LinkPulse beating = pulse;
    return beating == null ? 0 : beating.loss();
  }

  /** Any thread. */
  Phase phase() {
    return phase;
  }

  /**
   * The next SSRC to send with; any thread. Counts up within one association, whose keys are its
   * own, so that no (key, SSRC) pair ever comes twice.
   *
   * @return 0 when they are used up, which ends the link: the next one has fresh keys
   */
  int nextSsrc() {
    int ssrc = ssrcs.getAndAdd(2);
    if (ssrc < 0 || ssrc > 2 * RelayLinks.SSRCS_MAX) {
      context.loop().control(() -> close("its SSRCs are used up; the next link has fresh keys"));
      return 0;
    }
    return ssrc;
  }

  /** Ends the link and tells. */
  void close(String sentence) {
    if (phase == Phase.CLOSED) {
      return;
    }
    if (phase != Phase.UP) {
      context.counters().of(LinkCount.HANDSHAKES_FAILED).increment();
    }
    LOG.info("link to {} is down: {}", peer.nodeId(), sentence);
    closeQuietly();
    context.events().down(this, sentence);
  }

  /** Ends the link without an event: another one takes its place. */
  void closeQuietly() {
    if (phase == Phase.CLOSED) {
      return;
    }
    boolean greeted = phase == Phase.GREETING || phase == Phase.UP;
    if (greeted) {
      channel.send(new LinkMessage.Bye(LinkMessage.Bye.CLOSED));
    }
    phase = Phase.CLOSED;
    freeIce();
    onVirtualThread(this::farewell);
  }

  private void farewell() {
    channel.close();
    context.commands().accept(new ShardCommand.CloseTransport(transportId));
  }

  private void freeIce() {
    IceSession session = ice;
    ice = null;
    if (session != null) {
      onVirtualThread(session::close);
    }
  }

  private static void onVirtualThread(Runnable work) {
    Thread.ofVirtual().name("relay-work").start(work);
  }

  private final class FromChannel implements LinkChannel.Events {
    @Override
    public void secured(PacketCipher cipher) {
      onSecured(cipher);
    }

    @Override
    public void message(LinkMessage message) {
      onMessage(message);
    }

    @Override
    public void data(byte[] packet) {
      if (phase == Phase.UP) {
        context.events().data(Link.this, packet);
      }
    }

    @Override
    public void closed(String sentence) {
      close(sentence);
    }
  }
}
