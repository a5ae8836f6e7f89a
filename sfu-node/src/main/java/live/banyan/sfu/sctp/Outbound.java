package live.banyan.sfu.sctp;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The sending half: messages that wait, fragments that are out, what is lost and what is given up
 * (RFC 9260 §6.1, §6.3, §7.2; RFC 3758 §3.5). Messages leave one after the other, since fragments
 * of different messages may not be mixed without RFC 8260.
 */
final class Outbound {
  /** Streams named in one FORWARD TSN: what fits beside other chunks. */
  private static final int FORWARD_STREAMS_MAX = 100;

  private static final int MISSING_MAX = 3;

  private final SctpConfig config;
  private final SctpCounters counters;
  private final boolean partial;
  private final RoundTrip roundTrip;
  private final CongestionWindow congestion;
  private final ArrayDeque<OutMessage> pending = new ArrayDeque<>();
  private final ArrayDeque<Fragment> out = new ArrayDeque<>();
  private final Map<Integer, Integer> nextSsn = new HashMap<>();
  private final int fragmentBytesMax;

  private long nextTsn;
  private long acknowledged;
  private long advanced;
  private boolean forwardDue;
  private int bufferedBytes;
  private int flightBytes;
  private int lost;
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
    return pending.isEmpty() && out.isEmpty();
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
    return lost > 0 || !pending.isEmpty();
  }

  // --- sending ----------------------------------------------------------------------------------

  /** The fragment to send now, at most {@code room} bytes of payload; null: none may leave. */
  @Nullable Fragment next(int room, long nowNs) {
    Fragment again = lost > 0 ? retransmission(room, nowNs) : null;
    Fragment fragment = again == null && lost == 0 ? fresh(room, nowNs) : again;
    if (fragment != null) {
      fragment.sent++;
      fragment.sentAtNs = nowNs;
      fragment.state = Fragment.State.IN_FLIGHT;
      flightBytes += fragment.length;
      if (retransmitAtNs == Long.MAX_VALUE) {
        retransmitAtNs = nowNs + roundTrip.rtoNs();
      }
    }
    return fragment;
  }

  private @Nullable Fragment retransmission(int room, long nowNs) {
    Fragment fragment = firstLost();
    while (fragment != null && partial && fragment.message.expired(nowNs)) {
      abandon(fragment.message);
      fragment = firstLost();
    }
    if (fragment == null || fragment.length > room || !mayExceed && !fits(fragment.length)) {
      return null;
    }
    mayExceed = false;
    lost--;
    counters.add(SctpCount.RETRANSMITTED);
    return fragment;
  }

  private @Nullable Fragment firstLost() {
    for (Fragment fragment : out) {
      if (fragment.state == Fragment.State.LOST) {
        return fragment;
      }
    }
    return null;
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
    boolean taken = flightBytes == 0 || flightBytes + length <= peerWindow;
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
    out.add(fragment);
    return fragment;
  }

  private boolean fits(int length) {
    return flightBytes == 0 || flightBytes + length <= congestion.bytes();
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
    int flightBefore = flightBytes;
    boolean moved = cumulative > acknowledged;
    acknowledged = cumulative;
    int bytes = 0;
    long newest = -1;
    while (!out.isEmpty() && out.getFirst().tsn <= cumulative) {
      Fragment fragment = out.remove();
      bytes += arrived(fragment, nowNs);
      newest = fragment.tsn;
      release(fragment);
    }
    long newestGap = onGaps(sack.gaps(), nowNs);
    newest = Math.max(newest, newestGap);
    congestion.onCumulative(cumulative);
    countMissing(newest);
    if (bytes > 0) {
      congestion.onAcked(bytes, moved, flightBefore);
    }
    peerWindow = Integer.toUnsignedLong(sack.window());
    if (out.isEmpty()) {
      retransmitAtNs = Long.MAX_VALUE;
    } else if (moved) {
      retransmitAtNs = nowNs + roundTrip.rtoNs();
    }
    advanced = Math.max(advanced, acknowledged);
    advance();
    return true;
  }

  /** Fragments leave the buffer; a message's bytes are counted until its last fragment does. */
  private void release(Fragment fragment) {
    bufferedBytes -= fragment.length;
  }

  /** Bytes that this acknowledgement is the first for. */
  private int arrived(Fragment fragment, long nowNs) {
    switch (fragment.state) {
      case IN_FLIGHT -> {
        flightBytes -= fragment.length;
        if (fragment.sent == 1) {
          roundTrip.onSample(nowNs - fragment.sentAtNs); // Karn: never of a repetition
        }
      }
      case LOST -> lost--;
      case ARRIVED, ABANDONED -> {
        return 0;
      }
    }
    return fragment.length;
  }

  private long onGaps(int[] gaps, long nowNs) {
    long newest = -1;
    int block = 0;
    for (Fragment fragment : out) {
      while (block < gaps.length && fragment.tsn > acknowledged + gaps[block + 1]) {
        block += 2;
      }
      if (block >= gaps.length) {
        break;
      }
      boolean inBlock = fragment.tsn >= acknowledged + gaps[block];
      boolean news =
          fragment.state == Fragment.State.IN_FLIGHT || fragment.state == Fragment.State.LOST;
      if (inBlock && news) {
        arrived(fragment, nowNs);
        fragment.state = Fragment.State.ARRIVED;
        newest = fragment.tsn;
      }
    }
    return newest;
  }

  /** Three reports that something newer has arrived mean loss (§7.2.4). */
  private void countMissing(long newest) {
    boolean found = false;
    for (Fragment fragment : out) {
      if (fragment.tsn >= newest) {
        break;
      }
      if (fragment.state == Fragment.State.IN_FLIGHT
          && !fragment.fastRetransmitted
          && ++fragment.missing >= MISSING_MAX) {
        fragment.fastRetransmitted = true;
        found = true;
        markLost(fragment);
      }
    }
    if (found) {
      mayExceed = true;
      congestion.onLoss(nextTsn - 1);
      abandonHopeless();
    }
  }

  private void markLost(Fragment fragment) {
    flightBytes -= fragment.length;
    fragment.state = Fragment.State.LOST;
    lost++;
  }

  /** Nothing was acknowledged within the timeout (§6.3.3). */
  void onTimeout(long nowNs) {
    counters.add(SctpCount.TIMEOUTS);
    roundTrip.backOff();
    congestion.onTimeout();
    for (Fragment fragment : out) {
      fragment.missing = 0;
      if (fragment.state == Fragment.State.IN_FLIGHT) {
        markLost(fragment);
      }
    }
    abandonHopeless();
    forwardDue = advanced > acknowledged;
    retransmitAtNs = out.isEmpty() ? Long.MAX_VALUE : nowNs + roundTrip.rtoNs();
  }

  // --- giving up --------------------------------------------------------------------------------

  private void abandonHopeless() {
    if (!partial) {
      return;
    }
    for (Fragment fragment : out) {
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
        out.add(last);
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
    for (Fragment fragment : out) {
      if (fragment.message != message) {
        continue;
      }
      if (fragment.state == Fragment.State.IN_FLIGHT) {
        flightBytes -= fragment.length;
      } else if (fragment.state == Fragment.State.LOST) {
        lost--;
      }
      fragment.state = Fragment.State.ABANDONED;
    }
  }

  /** Moves the point up to which the peer need not wait (RFC 3758 §3.5 C2). */
  private void advance() {
    int messages = 0;
    OutMessage before = null;
    for (Fragment fragment : out) {
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
    for (Fragment fragment : out) {
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
