package live.banyan.sfu.congestion;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import live.banyan.sfu.rtcp.TransportFeedbackWriter;
import live.banyan.sfu.rtp.SequenceExtender;

/**
 * Arrival times of the transport-wide sequence numbers of one transport, and the feedback that
 * tells its sender (draft-holmer-rmcat-transport-wide-cc-extensions-01). Remembers the newest
 * {@link #CAPACITY} packets; what falls out unreported is never reported, which a sender reads as
 * loss of feedback. Allocates nothing after construction. Not thread safe.
 */
public final class TwccArrivals {
  /** Packets remembered: at least 100 ms at 400 Mbit/s. A power of two. */
  public static final int CAPACITY = 4_096;

  /** Time between feedbacks that suits senders well: Chromium uses 50 to 250 ms. */
  public static final long DEFAULT_INTERVAL_NS = 50_000_000;

  private static final int MASK = CAPACITY - 1;

  private final long intervalNs;
  private final SequenceExtender extender = new SequenceExtender();
  private final TransportFeedbackWriter writer = new TransportFeedbackWriter();
  private final long[] sequences = new long[CAPACITY];
  private final long[] arrivalsUs = new long[CAPACITY];

  /** First packet that the next feedback speaks of. */
  private long nextReported;

  private boolean pending;
  private long lastFeedbackNs;
  private int feedbackCount;

  public TwccArrivals() {
    this(DEFAULT_INTERVAL_NS);
  }

  public TwccArrivals(long intervalNs) {
    this.intervalNs = intervalNs;
    Arrays.fill(sequences, -1);
  }

  /**
   * A packet with this 16-bit transport-wide sequence number arrived. Repetitions, and packets too
   * old to be remembered, change nothing.
   */
  public void record(int sequence, long nowNs) {
    boolean first = extender.isEmpty();
    if (first) {
      // One turn up, so that a packet overtaken by the first across the wrap has an index too.
      extender.reset(0x1_0000L | sequence);
    }
    long index = extender.extend(sequence);
    if (index <= extender.newest() - CAPACITY) {
      return;
    }
    int slot = (int) index & MASK;
    if (sequences[slot] == index) {
      return;
    }
    sequences[slot] = index;
    arrivalsUs[slot] = Math.floorDiv(nowNs, 1_000L);
    if (first) {
      lastFeedbackNs = nowNs;
      nextReported = index;
    }
    // A late packet is reported with the next feedback though one has called it missing.
    nextReported = Math.min(nextReported, index);
    pending = true;
  }

  /** When the next feedback is due; Long.MAX_VALUE where nothing has arrived since the last. */
  public long nextFeedbackNs() {
    return pending ? lastFeedbackNs + intervalNs : Long.MAX_VALUE;
  }

  /** Whether a feedback is due. */
  public boolean isDue(long nowNs) {
    return pending && nowNs - lastFeedbackNs >= intervalNs;
  }

  /**
   * Writes one feedback of what has arrived since the last. Call again until it returns 0: a burst
   * may need more than one.
   *
   * @param maxLength room at {@code offset}, at least 64 bytes
   * @param media any SSRC received on the transport
   * @return length of the RTCP packet, or 0 where there is nothing to report
   */
  public int writeFeedback(
      MemorySegment dst, long offset, int maxLength, int sender, int media, long nowNs) {
    if (!pending) {
      return 0;
    }
    lastFeedbackNs = nowNs;
    long newest = extender.newest();
    long expected = Math.max(nextReported, newest - CAPACITY + 1);
    boolean begun = false;
    for (long index = expected; index <= newest; index++) {
      int slot = (int) index & MASK;
      if (sequences[slot] != index) {
        continue;
      }
      if (!begun) {
        // A gap longer than a feedback can tell is not told.
        expected = Math.max(expected, index - TransportFeedbackWriter.MAX_STATUSES / 2);
        writer.begin(expected, arrivalsUs[slot]);
        begun = true;
      }
      if (!add(index - expected, arrivalsUs[slot], maxLength)) {
        nextReported = Math.max(expected, index - TransportFeedbackWriter.MAX_STATUSES / 2);
        return writer.write(dst, offset, sender, media, feedbackCount++ & 0xFF);
      }
      expected = index + 1;
    }
    pending = false;
    nextReported = newest + 1;
    return begun ? writer.write(dst, offset, sender, media, feedbackCount++ & 0xFF) : 0;
  }

  private boolean add(long missing, long arrivalUs, int maxLength) {
    // Worst case of this step: two bytes of delta, a chunk per seven packets, and padding.
    long growth = 2 * (missing / 7 + 2) + 2 + 3;
    if (writer.count() > 0 && writer.maxLength() + growth > maxLength) {
      return false;
    }
    return fits(missing) && writer.addMissing(missing) && writer.addReceived(arrivalUs);
  }

  /** Missing packets are only told together with the received one behind them. */
  private boolean fits(long missing) {
    return writer.count() + missing + 1 <= TransportFeedbackWriter.MAX_STATUSES;
  }
}
