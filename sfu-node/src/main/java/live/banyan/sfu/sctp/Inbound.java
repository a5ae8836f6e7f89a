package live.banyan.sfu.sctp;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * The receiving half: what has arrived, what is whole, what may be delivered (RFC 9260 §6.2-6.7).
 */
final class Inbound {
  /** What an entry costs beside its payload, so that tiny fragments are bounded as well. */
  private static final int ENTRY_BYTES = 64;

  private static final int DUPLICATES_MAX = 16;

  private final SctpConfig config;
  private final SctpCounters counters;
  private final Consumer<SctpEvent> events;
  private final ReceivedTsns tsns;
  private final TreeMap<Long, Chunk.Data> fragments = new TreeMap<>();
  private final Map<Integer, InStream> streams = new HashMap<>();
  private final int[] duplicates = new int[DUPLICATES_MAX];
  private int duplicateCount;
  private int bufferedBytes;
  private boolean violated;

  private int packetsUnacknowledged;
  private boolean sackNow;
  private long sackAtNs = Long.MAX_VALUE;

  /** Ordered delivery of one stream. */
  private static final class InStream {
    final TreeMap<Long, SctpEvent.Received> waiting = new TreeMap<>();
    long next = 1L << 32;
  }

  Inbound(SctpConfig config, SctpCounters counters, Consumer<SctpEvent> events, int initialTsn) {
    this.config = config;
    this.counters = counters;
    this.events = events;
    this.tsns = new ReceivedTsns(initialTsn);
  }

  long cumulative() {
    return tsns.cumulative();
  }

  /** Whether the peer has done what no sound peer does. */
  boolean violated() {
    return violated;
  }

  int window() {
    return Math.max(0, config.receiveBytesMax() - bufferedBytes);
  }

  // --- acknowledgements -------------------------------------------------------------------------

  /** A packet with DATA has been taken in. */
  void packetDone(long nowNs) {
    packetsUnacknowledged++;
    if (packetsUnacknowledged >= 2 || tsns.hasGaps()) {
      sackNow = true;
    } else {
      sackAtNs = Math.min(sackAtNs, nowNs + config.delayedAckNs());
    }
  }

  boolean sackDue(long nowNs) {
    return sackNow || nowNs >= sackAtNs;
  }

  /** Whether a SACK that travels along would tell something. */
  boolean sackWorthwhile() {
    return packetsUnacknowledged > 0 || sackNow;
  }

  long sackAtNs() {
    return sackAtNs;
  }

  Chunk.Sack sack() {
    sackNow = false;
    sackAtNs = Long.MAX_VALUE;
    packetsUnacknowledged = 0;
    int[] repeated = java.util.Arrays.copyOf(duplicates, duplicateCount);
    duplicateCount = 0;
    return new Chunk.Sack((int) tsns.cumulative(), window(), tsns.gaps(), repeated);
  }

  // --- data -------------------------------------------------------------------------------------

  void onData(Chunk.Data data) {
    long tsn = Tsn.unwrap(data.tsn(), tsns.cumulative());
    if (tsns.contains(tsn)) {
      counters.add(SctpCount.DUPLICATES);
      if (duplicateCount < DUPLICATES_MAX) {
        duplicates[duplicateCount++] = data.tsn();
      }
      sackNow = true;
      return;
    }
    // What fills the first hole is always taken: it is what lets the buffer empty itself.
    boolean fills = tsn == tsns.cumulative() + 1;
    int cost = data.payload().length + ENTRY_BYTES;
    if (tsn > tsns.cumulative() + ReceivedTsns.AHEAD_MAX || !fills && cost > window()) {
      counters.add(SctpCount.DROPPED_WINDOW);
      sackNow = true;
      return;
    }
    tsns.add(tsn);
    sackNow |= data.immediate();
    if (data.stream() >= config.streamsMax()) {
      counters.add(SctpCount.REFUSED_CHANNEL);
      return;
    }
    if (data.begin() && data.end()) {
      whole(data, data.payload());
    } else {
      fragments.put(tsn, data);
      bufferedBytes += cost;
      assemble(tsn);
    }
    // A window's worth that waits for something which the peer itself has numbered behind it.
    violated |= bufferedBytes > config.receiveBytesMax() + config.messageBytesMax();
  }

  private void assemble(long arrived) {
    // Forward first: of a message that arrives in order, this ends at once until it is whole.
    long last = arrived;
    while (!at(last).end()) {
      last++;
      if (!fragments.containsKey(last)) {
        return;
      }
    }
    long first = arrived;
    while (!at(first).begin()) {
      first--;
      if (!fragments.containsKey(first)) {
        return;
      }
    }
    Chunk.Data begin = at(first);
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (long tsn = first; tsn <= last; tsn++) {
      Chunk.Data part = at(tsn);
      if (part.stream() != begin.stream()
          || part.unordered() != begin.unordered()
          || part.ssn() != begin.ssn()
          || part.begin() != (tsn == first)
          || message.size() + part.payload().length > config.messageBytesMax()) {
        violated = true;
        return;
      }
      message.writeBytes(part.payload());
    }
    for (long tsn = first; tsn <= last; tsn++) {
      forget(tsn);
    }
    whole(begin, message.toByteArray());
  }

  private Chunk.Data at(long tsn) {
    Chunk.Data data = fragments.get(tsn);
    if (data == null) {
      throw new AssertionError("no fragment " + tsn);
    }
    return data;
  }

  private void forget(long tsn) {
    Chunk.Data data = fragments.remove(tsn);
    if (data != null) {
      bufferedBytes -= data.payload().length + ENTRY_BYTES;
    }
  }

  private void whole(Chunk.Data begin, byte[] message) {
    SctpEvent.Received received = new SctpEvent.Received(begin.stream(), begin.ppid(), message);
    if (begin.unordered()) {
      deliver(received);
      return;
    }
    InStream stream = streams.computeIfAbsent(begin.stream(), unused -> new InStream());
    long ssn = stream.next + (short) (begin.ssn() - (int) stream.next);
    if (ssn == stream.next) {
      deliver(received);
      stream.next++;
      deliverWaiting(stream);
    } else if (ssn > stream.next && stream.waiting.putIfAbsent(ssn, received) == null) {
      bufferedBytes += message.length + ENTRY_BYTES;
    } else {
      counters.add(SctpCount.DUPLICATES);
    }
  }

  private void deliverWaiting(InStream stream) {
    while (!stream.waiting.isEmpty() && stream.waiting.firstKey() <= stream.next) {
      Map.Entry<Long, SctpEvent.Received> first = stream.waiting.pollFirstEntry();
      bufferedBytes -= first.getValue().data().length + ENTRY_BYTES;
      deliver(first.getValue());
      stream.next = Math.max(stream.next, first.getKey() + 1);
    }
  }

  private void deliver(SctpEvent.Received received) {
    counters.add(SctpCount.MESSAGES_IN);
    events.accept(received);
  }

  // --- gaps that stay, and resets ---------------------------------------------------------------

  /** The peer has given up what lies at or below a TSN (RFC 3758 §3.6). */
  void onForward(Chunk.ForwardTsn forward) {
    long tsn = Tsn.unwrap(forward.cumulative(), tsns.cumulative());
    sackNow = true;
    if (tsn <= tsns.cumulative() || tsn > tsns.cumulative() + ReceivedTsns.AHEAD_MAX) {
      return;
    }
    while (!fragments.isEmpty() && fragments.firstKey() <= tsn) {
      forget(fragments.firstKey());
    }
    tsns.skipTo(tsn);
    for (int i = 0; i < forward.streams().length; i++) {
      if (forward.streams()[i] < config.streamsMax()) {
        InStream stream = streams.computeIfAbsent(forward.streams()[i], unused -> new InStream());
        skip(stream, forward.ssns()[i]);
      }
    }
  }

  private void skip(InStream stream, int wire) {
    long ssn = stream.next + (short) (wire - (int) stream.next);
    while (!stream.waiting.isEmpty() && stream.waiting.firstKey() <= ssn) {
      stream.next = stream.waiting.firstKey();
      deliverWaiting(stream);
    }
    stream.next = Math.max(stream.next, ssn + 1);
    deliverWaiting(stream);
  }

  /** The peer begins these streams anew; everything before has been delivered. */
  void reset(Iterable<Integer> ids) {
    for (int id : ids) {
      InStream stream = streams.remove(id);
      if (stream != null) {
        stream.waiting.values().forEach(m -> bufferedBytes -= m.data().length + ENTRY_BYTES);
      }
    }
  }

  /** All streams on which ordered messages have come. */
  java.util.List<Integer> streams() {
    return streams.keySet().stream().sorted().toList();
  }
}
