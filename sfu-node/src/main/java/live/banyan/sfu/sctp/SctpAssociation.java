package live.banyan.sfu.sctp;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import live.banyan.sfu.sctp.SctpEvent.Reason;
import org.jspecify.annotations.Nullable;

/**
 * One association inside DTLS. The caller hands in packets, messages and time, takes {@link #take}
 * after each call, and calls {@link #onTimer} when {@link #deadlineNs} has passed. Not thread safe.
 * Either end, or both, may {@link #start}.
 */
public final class SctpAssociation {
  /** RFC 8841 §5: what browsers use at both ends. */
  public static final int PORT = 5000;

  private enum State {
    CLOSED,
    COOKIE_WAIT,
    COOKIE_ECHOED,
    ESTABLISHED,
    SHUTDOWN_PENDING,
    SHUTDOWN_SENT,
    SHUTDOWN_RECEIVED,
    SHUTDOWN_ACK_SENT,
    ENDED
  }

  private final SctpConfig config;
  private final SctpCounters counters;
  private final RoundTrip roundTrip;
  private final Introduction own;
  private final Heartbeat heartbeat;
  private final Outbox outbox;
  private List<SctpEvent> events = new ArrayList<>();
  private State state = State.CLOSED;
  private int peerTag;
  private @Nullable Traffic traffic;
  private byte[] handshakePacket = {};
  private int failures;
  private long handshakeAtNs = Long.MAX_VALUE;

  /**
   * @param random chooses tags and first numbers; they protect against confusion, DTLS against foes
   */
  public SctpAssociation(SctpConfig config, SctpCounters counters, RandomGenerator random) {
    this.config = config;
    this.counters = counters;
    this.roundTrip = new RoundTrip(config);
    this.own = new Introduction(config, random);
    this.heartbeat = new Heartbeat(config.heartbeatNs(), own.secret);
    this.outbox = new Outbox(config, counters, this::transmit);
  }

  // --- calls of the owner -----------------------------------------------------------------------

  /** Sends the INIT; without effect once the peer has begun. */
  public void start(long nowNs) {
    if (state == State.CLOSED) {
      state = State.COOKIE_WAIT;
      handshakePacket = outbox.alone(0, own.init());
      sendHandshake(nowNs);
    }
  }

  public boolean isUp() {
    return state == State.ESTABLISHED;
  }

  /** Whether {@link SctpEvent.Ended} has been told. */
  public boolean isEnded() {
    return state == State.ENDED;
  }

  /** Streams that both ends have; identifiers lie below. 0 before the association is up. */
  public int streams() {
    return traffic == null ? 0 : traffic.streams();
  }

  /** Bytes sent or to be sent that have not been acknowledged. */
  public int bufferedBytes() {
    return traffic == null ? 0 : traffic.outbound().bufferedBytes();
  }

  /**
   * Sends a message.
   *
   * @param data at least one byte; not copied, so leave it alone
   * @return false when it is refused and counted: not up, no such stream, or too much waiting
   */
  public boolean send(
      int stream, int ppid, byte[] data, boolean ordered, Reliability reliability, long nowNs) {
    Traffic open = traffic;
    if (data.length == 0) {
      throw new IllegalArgumentException("SCTP carries no empty messages");
    }
    if (open == null || state != State.ESTABLISHED || stream < 0 || stream >= open.streams()) {
      counters.add(SctpCount.REFUSED_CHANNEL);
      return false;
    }
    long expiresAtNs =
        reliability.lifetimeMs() < 0
            ? Long.MAX_VALUE
            : nowNs + TimeUnit.MILLISECONDS.toNanos(reliability.lifetimeMs());
    boolean taken =
        open.outbound()
            .offer(
                new OutMessage(
                    stream, ppid, data, !ordered, reliability.retransmitsMax(), expiresAtNs));
    flush(nowNs);
    return taken;
  }

  /** Resets this end of a stream after what waits on it; {@link SctpEvent.ResetDone} follows. */
  public void reset(int stream, long nowNs) {
    if (traffic != null && stream >= 0 && stream < traffic.streams()) {
      traffic.resets().want(stream);
      flush(nowNs);
    }
  }

  /** Says good-bye when everything has been acknowledged. */
  public void shutdown(long nowNs) {
    if (state == State.ESTABLISHED) {
      state = State.SHUTDOWN_PENDING;
      flush(nowNs);
    } else if (state.ordinal() < State.ESTABLISHED.ordinal()) {
      end(Reason.ABORTED);
    }
  }

  /** Ends at once, and tells the peer. */
  public void abort() {
    abort(Reason.ABORTED);
  }

  /** What has happened since the last call, in order. */
  public List<SctpEvent> take() {
    List<SctpEvent> taken = events;
    events = new ArrayList<>();
    return taken;
  }

  // --- packets ----------------------------------------------------------------------------------

  /** Takes a packet of the peer. */
  public void receive(byte[] bytes, long nowNs) {
    if (state == State.ENDED) {
      return;
    }
    counters.add(SctpCount.PACKETS_IN);
    if (!PacketReader.checksumFits(bytes)) {
      counters.add(SctpCount.DROPPED_CHECKSUM);
      return;
    }
    PacketReader.Packet packet = PacketReader.read(bytes);
    if (packet == null) {
      counters.add(SctpCount.DROPPED_MALFORMED);
      return;
    }
    if (!packet.belongs(own.tag, peerTag)) {
      counters.add(SctpCount.DROPPED_TAG);
      return;
    }
    boolean data = false;
    for (Chunk chunk : packet.chunks()) {
      if (chunk instanceof Chunk.Unknown unknown && (unknown.type() & 0x80) == 0) {
        break; // §3.2: the rest is not to be processed
      }
      data |= chunk instanceof Chunk.Data;
      on(chunk, nowNs);
      if (state == State.ENDED) {
        return;
      }
    }
    Traffic open = traffic;
    if (open != null) {
      if (open.inbound().violated()) {
        abort(Reason.VIOLATION);
        return;
      }
      if (data) {
        open.inbound().packetDone(nowNs);
      }
      Chunk caughtUp = open.resets().catchUp();
      if (caughtUp != null) {
        outbox.add(caughtUp);
      }
    }
    if (traffic != null) {
      heartbeat.onHeard(nowNs);
    }
    flush(nowNs);
  }

  private void on(Chunk chunk, long nowNs) {
    switch (chunk) {
      case Chunk.Init init -> {
        if (init.ack()) {
          onInitAck(init, nowNs);
        } else {
          onInit(init);
        }
      }
      case Chunk.CookieEcho echo -> onCookieEcho(echo, nowNs);
      case Chunk.CookieAck ack -> {
        if (state == State.COOKIE_ECHOED) {
          established(nowNs);
        }
      }
      case Chunk.Abort abort -> {
        counters.add(SctpCount.ASSOCIATIONS_FAILED);
        end(Reason.ABORTED_BY_PEER);
      }
      case Chunk.Heartbeat beat -> onHeartbeat(beat, nowNs);
      case Chunk.Failure failure -> {}
      case Chunk.Unknown unknown -> {}
      case Chunk.ShutdownAck ack -> onShutdownAck();
      case Chunk.ShutdownComplete complete -> {
        if (state == State.SHUTDOWN_ACK_SENT) {
          end(Reason.SHUTDOWN);
        }
      }
      case Chunk.Data data -> inOrder(open -> open.inbound().onData(data));
      case Chunk.ForwardTsn forward -> inOrder(open -> open.inbound().onForward(forward));
      case Chunk.Sack sack -> inOrder(open -> onSack(open, sack, nowNs));
      case Chunk.Reconfig reconfig ->
          inOrder(open -> open.resets().onReconfig(reconfig).forEach(outbox::add));
      case Chunk.Shutdown shutdown -> inOrder(open -> onShutdown(nowNs));
    }
  }

  private void inOrder(java.util.function.Consumer<Traffic> action) {
    boolean flows =
        switch (state) {
          case ESTABLISHED, SHUTDOWN_PENDING, SHUTDOWN_SENT, SHUTDOWN_RECEIVED -> true;
          case CLOSED, COOKIE_WAIT, COOKIE_ECHOED, SHUTDOWN_ACK_SENT, ENDED -> false;
        };
    Traffic open = traffic;
    if (open == null || !flows) {
      counters.add(SctpCount.DROPPED_STATE);
    } else {
      action.accept(open);
    }
  }

  private void onSack(Traffic open, Chunk.Sack sack, long nowNs) {
    if (!open.outbound().onSack(sack, nowNs)) {
      abort(Reason.VIOLATION);
      return;
    }
    failures = 0;
  }

  // --- setting up -------------------------------------------------------------------------------

  /** Nothing is kept of an INIT (§5.1 B); where both ends begin, the same tag answers (§5.2.1). */
  private void onInit(Chunk.Init init) {
    if (own.usable(init)) {
      transmit(outbox.alone(init.tag(), own.answer(init)));
    } else {
      counters.add(SctpCount.DROPPED_MALFORMED);
    }
  }

  private void onInitAck(Chunk.Init init, long nowNs) {
    if (state != State.COOKIE_WAIT || !own.usable(init)) {
      counters.add(SctpCount.DROPPED_STATE);
      return;
    }
    meet(Cookie.of(init, own.secret));
    state = State.COOKIE_ECHOED;
    failures = 0;
    handshakePacket = outbox.alone(peerTag, new Chunk.CookieEcho(init.cookie()));
    sendHandshake(nowNs);
  }

  private void onCookieEcho(Chunk.CookieEcho echo, long nowNs) {
    Cookie cookie = Cookie.decode(echo.cookie(), own.secret);
    if (cookie == null) {
      counters.add(SctpCount.DROPPED_STATE);
      return;
    }
    switch (state) {
      case CLOSED, COOKIE_WAIT, COOKIE_ECHOED -> {
        if (traffic == null || peerTag != cookie.peerTag()) {
          meet(cookie);
        }
        outbox.add(new Chunk.CookieAck());
        established(nowNs);
      }
      case ESTABLISHED, SHUTDOWN_PENDING, SHUTDOWN_RECEIVED -> {
        if (cookie.peerTag() == peerTag) {
          outbox.add(new Chunk.CookieAck()); // the first one was lost (§5.2.4 D)
        } else {
          counters.add(SctpCount.DROPPED_STATE); // a restart; DTLS would have begun anew as well
        }
      }
      case SHUTDOWN_SENT, SHUTDOWN_ACK_SENT, ENDED -> counters.add(SctpCount.DROPPED_STATE);
    }
  }

  private void meet(Cookie peer) {
    peerTag = peer.peerTag();
    traffic = own.meet(peer, roundTrip, counters, event -> events.add(event));
  }

  private void established(long nowNs) {
    state = State.ESTABLISHED;
    handshakeAtNs = Long.MAX_VALUE;
    handshakePacket = new byte[0];
    failures = 0;
    heartbeat.onHeard(nowNs);
    counters.add(SctpCount.ASSOCIATIONS_UP);
    events.add(new SctpEvent.Up());
  }

  private void sendHandshake(long nowNs) {
    transmit(handshakePacket);
    handshakeAtNs = nowNs + roundTrip.rtoNs();
  }

  // --- going ------------------------------------------------------------------------------------

  private void onShutdown(long nowNs) {
    if (state == State.SHUTDOWN_SENT) {
      acknowledgeShutdown(nowNs);
    } else {
      state = State.SHUTDOWN_RECEIVED;
    }
  }

  private void acknowledgeShutdown(long nowNs) {
    state = State.SHUTDOWN_ACK_SENT;
    handshakePacket = outbox.alone(peerTag, new Chunk.ShutdownAck());
    sendHandshake(nowNs);
  }

  private void onShutdownAck() {
    if (state == State.SHUTDOWN_SENT || state == State.SHUTDOWN_ACK_SENT) {
      transmit(outbox.alone(peerTag, new Chunk.ShutdownComplete(false)));
      end(Reason.SHUTDOWN);
    }
  }

  private void progressShutdown(Traffic open, long nowNs) {
    if (!open.outbound().isEmpty()) {
      return;
    }
    if (state == State.SHUTDOWN_PENDING) {
      state = State.SHUTDOWN_SENT;
      handshakePacket =
          outbox.alone(peerTag, new Chunk.Shutdown((int) open.inbound().cumulative()));
      sendHandshake(nowNs);
    } else if (state == State.SHUTDOWN_RECEIVED) {
      acknowledgeShutdown(nowNs);
    }
  }

  private void abort(Reason reason) {
    if (state == State.ENDED) {
      return;
    }
    if (peerTag != 0) {
      int cause = reason == Reason.VIOLATION ? 13 : 12; // §3.3.10
      transmit(outbox.alone(peerTag, new Chunk.Abort(false, cause)));
    }
    if (reason != Reason.ABORTED) {
      counters.add(SctpCount.ASSOCIATIONS_FAILED);
    }
    end(reason);
  }

  private void end(Reason reason) {
    state = State.ENDED;
    traffic = null;
    outbox.clear();
    handshakeAtNs = Long.MAX_VALUE;
    heartbeat.stop();
    events.add(new SctpEvent.Ended(reason));
  }

  // --- time -------------------------------------------------------------------------------------

  /** When {@link #onTimer} is wanted; Long.MAX_VALUE: not before something else happens. */
  public long deadlineNs() {
    long deadline = Math.min(handshakeAtNs, heartbeat.dueNs());
    Traffic open = traffic;
    if (open != null && state != State.COOKIE_ECHOED) {
      deadline = Math.min(deadline, open.inbound().sackAtNs());
      deadline = Math.min(deadline, open.outbound().retransmitAtNs());
      deadline = Math.min(deadline, open.resets().resendAtNs());
    }
    return deadline;
  }

  /** Does what is due; harmless when called early. */
  public void onTimer(long nowNs) {
    if (nowNs >= handshakeAtNs && !failed()) {
      roundTrip.backOff();
      sendHandshake(nowNs);
    }
    Traffic open = traffic;
    if (open != null && nowNs >= open.outbound().retransmitAtNs() && !failed()) {
      open.outbound().onTimeout(nowNs);
    }
    if (nowNs >= heartbeat.dueNs() && !(heartbeat.unanswered() && failed())) {
      outbox.add(heartbeat.beat(nowNs));
    }
    flush(nowNs);
  }

  /** Counts a wait for the peer that was in vain; true when it was one too many. */
  private boolean failed() {
    if (++failures > config.retransmissionsMax()) {
      abort(Reason.UNREACHABLE);
      return true;
    }
    return false;
  }

  private void onHeartbeat(Chunk.Heartbeat beat, long nowNs) {
    if (!beat.ack()) {
      outbox.add(new Chunk.Heartbeat(true, beat.info()));
      return;
    }
    long roundTripNs = heartbeat.onAnswer(beat, nowNs);
    if (roundTripNs >= 0) {
      roundTrip.onSample(roundTripNs);
      failures = 0;
    }
  }

  // --- leaving ----------------------------------------------------------------------------------

  private void transmit(byte[] packet) {
    counters.add(SctpCount.PACKETS_OUT);
    events.add(new SctpEvent.Transmit(packet));
  }

  private void flush(long nowNs) {
    if (state == State.ENDED || peerTag == 0) {
      return;
    }
    Traffic open = state.ordinal() >= State.ESTABLISHED.ordinal() ? traffic : null;
    outbox.flush(peerTag, open, nowNs, roundTrip.rtoNs());
    if (open != null) {
      progressShutdown(open, nowNs);
    }
  }
}
