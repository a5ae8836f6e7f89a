package live.banyan.sfu.relay;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import live.banyan.mesh.NodeRecord;
import live.banyan.sfu.dtls.DtlsListener;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.packet.SrtpKeys;
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

  /** A client hello may be here before this end knows that ICE is done. */
  private static final int EARLY_DTLS_MAX = 8;

  /** How long BYE and close_notify may take to leave before the transport is closed. */
  private static final long FAREWELL_MS = 200;

  final NodeRecord peer;
  final long transportId;
  final boolean initiator;

  private final LinkContext context;
  private final long deadlineNs;
  private final AtomicInteger ssrcs;
  private final Queue<byte[]> early = new ArrayBlockingQueue<>(EARLY_DTLS_MAX);
  private final CountDownLatch channelClosed = new CountDownLatch(1);

  private volatile Phase phase = Phase.OFFERING;
  private volatile @Nullable IceSession ice;
  private volatile @Nullable SecureChannel channel;
  private volatile int version = LinkMessage.VERSION_MAX;
  private volatile long rttNs = -1;
  private volatile double loss;
  private volatile long lastDtlsNs;

  private @Nullable LinkHealth health;
  private boolean peerGreeted;
  private long nextHelloNs;
  private boolean carriesRelays;

  /** Nothing was heard for a while; the shard is asked whether that is so. */
  private boolean asksShard;

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
    this.lastDtlsNs = nowNs;
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
    channel =
        context
            .channels()
            .open(
                initiator,
                peer.fingerprint(),
                datagram -> context.commands().accept(new ShardCommand.Send(transportId, datagram)),
                new Listener());
    drainEarly();
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
    lastDtlsNs = System.nanoTime();
    SecureChannel open = channel;
    if (open != null) {
      open.receive(datagram);
      return;
    }
    if (!early.offer(datagram)) {
      context.counters().of(LinkCount.DTLS_DROPPED).increment();
    }
    // The channel may have opened between the two lines above.
    drainEarly();
  }

  private void drainEarly() {
    SecureChannel open = channel;
    if (open == null) {
      return;
    }
    for (byte[] datagram = early.poll(); datagram != null; datagram = early.poll()) {
      open.receive(datagram);
    }
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
    write(
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
    LinkHealth pulse = health;
    if (pulse == null) {
      return;
    }
    pulse.onHeard(nowNs);
    switch (message) {
      case LinkMessage.Hello hello -> throw new AssertionError(hello);
      case LinkMessage.Ping ping -> {
        LinkMessage.Pong pong = pulse.onPing(ping, nowNs);
        if (pong != null) {
          write(pong);
        }
      }
      case LinkMessage.Pong pong -> pulse.onPong(pong, nowNs);
      case LinkMessage.Bye bye -> {
        context.counters().of(LinkCount.LINKS_CLOSED_BY_PEER).increment();
        close("the peer closed the link");
      }
      case LinkMessage.Tree tree -> context.events().received(this, tree.message());
      case LinkMessage.Data data -> throw new AssertionError(data);
    }
    rttNs = pulse.rttNs();
    loss = pulse.loss();
    if (pulse.pingDue(nowNs)) {
      context.loop().tickSoon();
    }
  }

  private void onHello(LinkMessage.Hello hello, long nowNs) {
    int agreed = LinkMessage.agree(hello.minVersion(), hello.maxVersion());
    if (agreed < 0) {
      write(new LinkMessage.Bye(LinkMessage.Bye.VERSION));
      close("the peer speaks no version of the link protocol that this node knows");
      return;
    }
    if (!hello.nodeId().equals(peer.nodeId())) {
      close("the peer's certificate fits but it calls itself another node");
      return;
    }
    version = agreed;
    boolean first = !peerGreeted;
    peerGreeted = true;
    LinkHealth pulse = health;
    if (pulse != null) {
      pulse.onHeard(nowNs);
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
    LinkHealth pulse = new LinkHealth(context.settings(), nowNs);
    pulse.carriesRelays(carriesRelays, nowNs);
    health = pulse;
    freeIce();
    context.counters().of(LinkCount.LINKS_UP).increment();
    context.events().up(this);
    context.loop().tickSoon();
  }

  /** Says whether relays run over this link: it then beats faster and fails sooner. */
  void carriesRelays(boolean carries) {
    carriesRelays = carries;
    LinkHealth pulse = health;
    if (pulse != null) {
      pulse.carriesRelays(carries, System.nanoTime());
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
    LinkHealth pulse = health;
    if (pulse == null) {
      throw new AssertionError("a link that is up has a pulse");
    }
    if (lateNs > context.settings().heartbeatActiveNs() / 2) {
      pulse.forgiveStall(lateNs, nowNs);
    }
    pulse.onArrival(lastDtlsNs);
    if (pulse.silentForLong(nowNs)) {
      fallSilent();
      return Long.MAX_VALUE;
    }
    if (pulse.silent(nowNs) && !asksShard) {
      asksShard = true;
      context.commands().accept(new ShardCommand.TellHeard(transportId, this::onLastPacket));
    }
    if (pulse.pingDue(nowNs)) {
      write(pulse.ping(nowNs));
      loss = pulse.loss();
    }
    return pulse.nextDeadlineNs() - nowNs;
  }

  /** The shard has read what had arrived; shard's thread. */
  private void onLastPacket(long atNs) {
    context.loop().control(() -> judge(atNs));
  }

  private void judge(long lastPacketNs) {
    asksShard = false;
    LinkHealth pulse = health;
    if (phase != Phase.UP || pulse == null) {
      return;
    }
    pulse.onArrival(lastPacketNs);
    pulse.onArrival(lastDtlsNs);
    if (pulse.silent(System.nanoTime())) {
      fallSilent();
    }
  }

  private void fallSilent() {
    context.counters().of(LinkCount.LINKS_SILENT).increment();
    close("the peer has gone silent");
  }

  // ---- the rest of the world

  /** Sends a message of the overlay; any thread. */
  boolean send(byte[] message) {
    return phase == Phase.UP && write(new LinkMessage.Tree(message));
  }

  /** Sends a packet of the data channels; any thread. */
  boolean sendData(byte[] packet) {
    return phase == Phase.UP && write(new LinkMessage.Data(packet));
  }

  /** Smoothed round trip, -1 while unmeasured; any thread. */
  long rttNs() {
    return rttNs;
  }

  /** Share of the peer's latest heartbeats that were lost; any thread. */
  double loss() {
    return loss;
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
      write(new LinkMessage.Bye(LinkMessage.Bye.CLOSED));
    }
    phase = Phase.CLOSED;
    freeIce();
    SecureChannel open = channel;
    onVirtualThread(() -> farewell(open));
  }

  private void farewell(@Nullable SecureChannel open) {
    if (open != null) {
      open.close();
      try {
        if (!channelClosed.await(FAREWELL_MS, TimeUnit.MILLISECONDS)) {
          LOG.debug("a link's DTLS took longer than {} ms to close", FAREWELL_MS);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    context.commands().accept(new ShardCommand.CloseTransport(transportId));
  }

  private void freeIce() {
    IceSession session = ice;
    ice = null;
    if (session != null) {
      onVirtualThread(session::close);
    }
  }

  private boolean write(LinkMessage message) {
    SecureChannel open = channel;
    return open != null && open.send(LinkMessage.encode(message, version));
  }

  private static void onVirtualThread(Runnable work) {
    Thread.ofVirtual().name("relay-work").start(work);
  }

  /** Hands what DTLS says over to the loop. */
  private final class Listener implements DtlsListener {
    @Override
    public void onKeys(SrtpKeys keys) {
      PacketCipher cipher = context.ciphers().apply(keys);
      wipe(keys);
      if (!context.loop().control(() -> onSecured(cipher))) {
        cipher.close();
      }
    }

    /** Whoever builds the cipher, and that is here, leaves no second copy of the keys. */
    private void wipe(SrtpKeys keys) {
      Arrays.fill(keys.localKey(), (byte) 0);
      Arrays.fill(keys.localSalt(), (byte) 0);
      Arrays.fill(keys.remoteKey(), (byte) 0);
      Arrays.fill(keys.remoteSalt(), (byte) 0);
    }

    @Override
    public void onApplicationData(byte[] data) {
      LinkMessage message = LinkMessage.decode(data);
      if (message == null) {
        context.counters().of(LinkCount.MESSAGES_MALFORMED).increment();
      } else if (message instanceof LinkMessage.Data packet) {
        // They come by the hundred, and the loop's time is for heartbeats.
        if (phase == Phase.UP) {
          context.events().data(Link.this, packet.packet());
        }
      } else if (!context.loop().data(() -> onMessage(message))) {
        context.counters().of(LinkCount.MESSAGES_DROPPED).increment();
      }
    }

    @Override
    public void onClosed(Ending ending) {
      channelClosed.countDown();
      context
          .loop()
          .control(
              () ->
                  close(
                      switch (ending) {
                        case CLOSED_BY_PEER -> "the peer closed the link";
                        case CLOSED -> "closed here";
                        case WRONG_FINGERPRINT ->
                            "the peer's certificate is not the one in its record";
                        case FAILED -> "the DTLS handshake failed";
                        case TIMED_OUT -> "the DTLS handshake took too long";
                      }));
    }
  }
}
