package live.banyan.sfu.congestion;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.rtcp.CongestionFeedback;

/**
 * Turns reports by stream (RFC 8888) into what the estimator wants: arrivals of all streams in the
 * order in which the packets left. Allocates nothing once each stream has sent. Not thread safe.
 */
final class StreamFeedback implements CongestionFeedback.Visitor {
  private static final int MASK = SentPackets.CAPACITY - 1;

  private static final byte UNTOLD = 0;
  private static final byte ARRIVED = 1;
  private static final byte LOST = 2;

  /** Report timestamps of a second, and of an arrival offset. */
  private static final int TICKS_PER_SECOND = 65_536;

  private static final int TICKS_PER_OFFSET =
      TICKS_PER_SECOND / CongestionFeedback.OFFSETS_PER_SECOND;

  private final SentPackets sent;
  private final BandwidthEstimator estimator;
  private final SentStreams streams = new SentStreams();
  private final byte[] told = new byte[SentPackets.CAPACITY];
  private final long[] arrivalsUs = new long[SentPackets.CAPACITY];
  private long firstTold;
  private long lastTold;

  private boolean anyFeedback;
  private int timestamp;

  /** The receiver's clock, counted on from where the first report had it. */
  private long ticks = 1L << 32;

  private long unknown;

  StreamFeedback(SentPackets sent, BandwidthEstimator estimator) {
    this.sent = sent;
    this.estimator = estimator;
  }

  /** The next packet leaves as this one of a stream. */
  void sent(int ssrc, int sequence) {
    streams.sent(ssrc, sequence, sent.nextSequence());
  }

  /** Takes in one feedback. @return false, and nothing changed, where it is malformed */
  boolean onFeedback(MemorySegment segment, long offset, int length, long nowUs) {
    firstTold = Long.MAX_VALUE;
    lastTold = Long.MIN_VALUE;
    if (!CongestionFeedback.parse(segment, offset, length, this)) {
      return false;
    }
    estimator.open(nowUs);
    for (long index = firstTold; index <= lastTold; index++) {
      int slot = (int) index & MASK;
      byte became = told[slot];
      told[slot] = UNTOLD;
      if (became == ARRIVED) {
        estimator.arrived(index, arrivalsUs[slot]);
      } else if (became == LOST) {
        estimator.lost(index);
      }
    }
    estimator.close();
    return true;
  }

  @Override
  public void begin(int reportTimestamp) {
    // A difference of 32 bits: the timestamp wraps after 18 hours.
    ticks += anyFeedback ? reportTimestamp - timestamp : 0;
    anyFeedback = true;
    timestamp = reportTimestamp;
  }

  @Override
  public void received(int ssrc, int sequence, int offset) {
    long index = indexOf(ssrc, sequence);
    // Reports overlap on purpose, so that a lost one costs nothing (RFC 8888 §3.1).
    if (index < 0 || !estimator.came(index) || offset >= CongestionFeedback.OFFSET_UNKNOWN) {
      return;
    }
    long at = ticks - (long) offset * TICKS_PER_OFFSET;
    arrivalsUs[(int) index & MASK] = at * 1_000_000 / TICKS_PER_SECOND;
    tell(index, ARRIVED);
  }

  @Override
  public void missing(int ssrc, int firstSequence, int count) {
    for (int i = 0; i < count; i++) {
      long index = indexOf(ssrc, firstSequence + i & 0xFFFF);
      if (index >= 0) {
        tell(index, LOST);
      }
    }
  }

  private void tell(long index, byte became) {
    int slot = (int) index & MASK;
    // One feedback that says both of a packet is believed where it says the better.
    told[slot] = told[slot] == ARRIVED ? ARRIVED : became;
    firstTold = Math.min(firstTold, index);
    lastTold = Math.max(lastTold, index);
  }

  private long indexOf(int ssrc, int sequence) {
    int number = streams.number(ssrc, sequence);
    long index = number == SentStreams.NONE ? -1 : sent.indexOf(number);
    unknown += index < 0 ? 1 : 0;
    return index;
  }

  /** Reports of packets that never left, or too long ago, or that are not counted. */
  long unknown() {
    return unknown;
  }
}
