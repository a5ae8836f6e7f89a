package live.banyan.sfu.sctp;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The sending half: messages that wait, what of them may leave and what is given up (RFC 9260 §6.1,
 * §7.2; RFC 3758 §3.5). What has left is in {@link Flight}. Messages leave one after the other,
 * since fragments of different messages may not be mixed without RFC 8260.
 */
final class Outbound {
  /** Streams named in one FORWARD TSN: what fits beside other chunks. */
  private static final int FORWARD_STREAMS_MAX = 100;

  private final SctpConfig config;
  private final SctpCounters counters;
  private final boolean partial;
  private final RoundTrip roundTrip;
  private final CongestionWindow congestion;
  private final ArrayDeque<OutMessage> pending = new ArrayDeque<>();
  private final Flight flight;
  private final Map<Integer, Integer> nextSsn = new HashMap<>();
  private final int fragmentBytesMax;

  private long nextTsn;
  private long acknowledged;
  private long advanced;
  private boolean forwardDue;
  private int bufferedBytes;
  private long peerWindow;
  private boolean mayExceed;
  private long retransmitAtNs = Long.MAX_VALUE;

  /**
   * @param partial whether the peer knows partial reliability; else everything is reliable
   * @param peerWindow what the peer can take, unsigned
   */
  Outbound(
      SctpConfig config,
      SctpCounters counters,
      RoundTrip roundTrip,
      boolean partial,
      int initialTsn,
      int peerWindow) {
    this.config = config;
    this.counters = counters;
    this.roundTrip = roundTrip;
    this.flight = new Flight(roundTrip);
    this.partial = partial;
    this.nextTsn = Tsn.first(initialTsn);
    this.acknowledged = nextTsn - 1;
    this.advanced = acknowledged;
    this.peerWindow = Integer.toUnsignedLong(peerWindow);
    this.fragmentBytesMax =
        (config.packetBytesMax() - PacketReader.HEADER_BYTES - PacketWriter.DATA_HEADER_BYTES) & ~3;
    this.congestion = new CongestionWindow(fragmentBytesMax);
  }

  /** Takes a message; false when the bound is reached. */
  boolean offer(OutMessage message) {
    if (bufferedBytes + message.data.length > config.sendBytesMax()) {
      counters.add(SctpCount.REFUSED_BUFFER);
      return false;
    }
    counters.add(SctpCount.MESSAGES_OUT);
    bufferedBytes += message.data.length;
    pending.add(message);
    return true;
  }

  int bufferedBytes() {
    return bufferedBytes;
  }

  /** Whether everything has been sent and acknowledged. */
  boolean isEmpty() {
    return pending.isEmpty() && flight.isEmpty();
  }

  boolean waits(int stream) {
    return pending.stream().anyMatch(m -> m.stream == stream);
  }

  long lastTsn() {
    return nextTsn - 1;
  }

  /** The next message of these streams is their first. */
  void reset(Iterable<Integer> streams) {
    streams.forEach(nextSsn::remove);
  }

  long retransmitAtNs() {
    return retransmitAtNs;
  }

  /** Whether a message or a fragment waits for room. */
  boolean wantsToSend() {
    return flight.hasLost() || !pending.isEmpty();
  }

  // --- sending ----------------------------------------------------------------------------------

  /** The fragment to send now, at most {@code room} bytes of payload; null: none may leave. */
  @Nullable Fragment next(int room, long nowNs) {
    Fragment again = flight.hasLost() ? retransmission(room, nowNs) : null;
    Fragment fragment = again == null && !flight.hasLost() ? fresh(room, nowNs) : again;
    if (fragment != null) {
      flight.depart(fragment, nowNs);
      if (retransmitAtNs == Long.MAX_VALUE) {
        retransmitAtNs = nowNs + roundTrip.rtoNs();
      }
    }
    return fragment;
  }

  private @Nullable Fragment retransmission(int room, long nowNs) {
    Fragment fragment = flight.firstLost();
    while (fragment != null && partial && fragment.message.expired(nowNs)) {
      abandon(fragment.message);
      fragment = flight.firstLost();
    }
    if (fragment == null || fragment.length > room || !mayExceed && !fits(fragment.length)) {
      return null;
    }
    mayExceed = false;
    counters.add(SctpCount.RETRANSMITTED);
    return fragment;
  }

  private @Nullable Fragment fresh(int room, long nowNs) {
    OutMessage message = pending.peek();
    while (message != null && partial && message.expired(nowNs)) {
      abandon(message);
      message = pending.peek();
    }
    if (message == null) {
      return null;
    }
    int length = Math.min(message.data.length - message.cut, fragmentBytesMax);
    // A first byte may always go: it probes a window that has closed (§6.1 A).
    boolean taken = flight.bytes() == 0 || flight.bytes() + length <= peerWindow;
    if (length > room || !taken || !fits(length)) {
      return null;
    }
    if (message.cut == 0 && !message.unordered) {
      message.ssn = nextSsn.getOrDefault(message.stream, 0);
      nextSsn.put(message.stream, (message.ssn + 1) & 0xffff);
    }
    Fragment fragment = new Fragment(nextTsn++, message, message.cut, length);
    message.cut += length;
    if (message.cut == message.data.length) {
      pending.remove();
    }
    flight.add(fragment);
    return fragment;
  }

  private boolean fits(int length) {
    return flight.bytes() == 0 || flight.bytes() + length <= congestion.bytes();
  }

  // --- acknowledgements -------------------------------------------------------------------------

  /**
   * Takes a SACK.
   *
   * @return false when it acknowledges what has never been sent
   */
  boolean onSack(Chunk.Sack sack, long nowNs) {
    long cumulative = Tsn.unwrap(sack.cumulative(), acknowledged);
    if (cumulative >= nextTsn) {
      return false;
    }
    if (cumulative < acknowledged) {
      return true; // overtaken by a newer one
    }
    int flightBefore = flight.bytes();
    boolean moved = cumulative > acknowledged;
    acknowledged = cumulative;
    Flight.Acknowledged news = flight.acknowledge(cumulative, sack.gaps(), nowNs);
    bufferedBytes -= news.released();
    congestion.onCumulative(cumulative);
    if (flight.missesBefore(news.newest())) {
      mayExceed = true;
      congestion.onLoss(nextTsn - 1);
      abandonHopeless();
    }
    if (news.bytes() > 0) {
      congestion.onAcked(news.bytes(), moved, flightBefore);
    }
    peerWindow = Integer.toUnsignedLong(sack.window());
    if (flight.isEmpty()) {
      retransmitAtNs = Long.MAX_VALUE;
    } else if (moved) {
      retransmitAtNs = nowNs + roundTrip.rtoNs();
    }
    advanced = Math.max(advanced, acknowledged);
    advance();
    return true;
  }

  /** Nothing was acknowledged within the timeout (§6.3.3). */
  void onTimeout(long nowNs) {
    counters.add(SctpCount.TIMEOUTS);
    roundTrip.backOff();
    congestion.onTimeout();
    flight.loseAll();
    abandonHopeless();
    forwardDue = advanced > acknowledged;
    retransmitAtNs = flight.isEmpty() ? Long.MAX_VALUE : nowNs + roundTrip.rtoNs();
  }

  // --- giving up --------------------------------------------------------------------------------

  private void abandonHopeless() {
    if (!partial) {
      return;
    }
    for (Fragment fragment : flight) {
      if (fragment.state == Fragment.State.LOST
          && fragment.message.retransmitsMax >= 0
          && fragment.sent > fragment.message.retransmitsMax) {
        abandonSent(fragment.message);
      }
    }
    // A placeholder is appended while nobody iterates.
    OutMessage head = pending.peek();
    if (head != null && head.abandoned) {
      abandon(head);
    }
    advance();
  }

  private void abandon(OutMessage message) {
    abandonSent(message);
    if (pending.peek() == message) {
      pending.remove();
      int unsent = message.data.length - message.cut;
      if (message.cut > 0) {
        // The peer may have all that was sent; this number tells it that no more will come.
        Fragment last = new Fragment(nextTsn++, message, message.cut, unsent);
        last.state = Fragment.State.ABANDONED;
        flight.add(last);
      } else {
        bufferedBytes -= unsent;
      }
    }
    advance();
  }

  private void abandonSent(OutMessage message) {
    if (!message.abandoned) {
      message.abandoned = true;
      counters.add(SctpCount.ABANDONED);
    }
    flight.abandon(message);
  }

  /** Moves the point up to which the peer need not wait (RFC 3758 §3.5 C2). */
  private void advance() {
    int messages = 0;
    OutMessage before = null;
    for (Fragment fragment : flight) {
      messages += fragment.message == before ? 0 : 1;
      before = fragment.message;
      if (fragment.tsn > advanced) {
        if (fragment.state != Fragment.State.ABANDONED || messages > FORWARD_STREAMS_MAX) {
          return;
        }
        advanced = fragment.tsn;
        forwardDue = true;
      }
    }
  }

  /** The FORWARD TSN to send now, or null. */
  Chunk.@Nullable ForwardTsn forward(long nowNs) {
    if (!forwardDue || advanced <= acknowledged) {
      return null;
    }
    forwardDue = false;
    if (retransmitAtNs == Long.MAX_VALUE) {
      retransmitAtNs = nowNs + roundTrip.rtoNs();
    }
    TreeMap<Integer, Integer> newest = new TreeMap<>();
    for (Fragment fragment : flight) {
      if (fragment.tsn > advanced) {
        break;
      }
      if (!fragment.message.unordered) {
        newest.put(fragment.message.stream, fragment.message.ssn);
      }
    }
    int[] streams = newest.keySet().stream().mapToInt(Integer::intValue).toArray();
    int[] ssns = newest.values().stream().mapToInt(Integer::intValue).toArray();
    return new Chunk.ForwardTsn((int) advanced, streams, ssns);
  }
}
