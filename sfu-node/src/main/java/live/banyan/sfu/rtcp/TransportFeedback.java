package live.banyan.sfu.rtcp;

import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u24;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * Reads transport-wide congestion control feedback
 * (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1). Stateless, any thread.
 *
 * <pre>
 *  0: base sequence(16) status count(16)   4: reference time(24, signed, 64 ms) feedback count(8)
 *  8: status chunks of 16 bits             then: receive deltas of 1 or 2 bytes, 250 us each
 * </pre>
 */
public final class TransportFeedback {
  /** Unit of the reference time. */
  public static final long REFERENCE_UNIT_US = 64_000;

  /** Unit of a receive delta. */
  public static final long DELTA_UNIT_US = 250;

  static final int HEADER_LENGTH = 8;
  static final int NOT_RECEIVED = 0;
  static final int SMALL_DELTA = 1;
  static final int LARGE_DELTA = 2;

  private TransportFeedback() {}

  /** What a feedback tells, in sequence order. */
  public interface Visitor {
    /**
     * Comes first.
     *
     * @param baseSequence 16 bits
     * @param referenceTimeUs may be negative; wraps after 2^24 x 64 ms, about 12 days
     * @param feedbackCount 8 bits, grows by one per feedback
     */
    default void begin(
        int baseSequence, int statusCount, long referenceTimeUs, int feedbackCount) {}

    /** A packet arrived; {@code arrivalUs} counts from the same zero as the reference time. */
    void received(int sequence, long arrivalUs);

    /** {@code count} packets from {@code firstSequence} on have not arrived. */
    void missing(int firstSequence, int count);
  }

  /** Whether chunks and deltas are all there and no symbol is the reserved one. */
  static boolean isWellFormed(MemorySegment segment, long offset, int length) {
    if (length < HEADER_LENGTH) {
      return false;
    }
    long end = offset + length;
    int count = u16(segment, offset + 2);
    long chunksEnd = chunksEnd(segment, offset + HEADER_LENGTH, end, count);
    if (count == 0 || chunksEnd < 0) {
      return false;
    }
    long deltas = 0;
    int left = count;
    for (long at = offset + HEADER_LENGTH; at < chunksEnd; at += 2) {
      int chunk = u16(segment, at);
      int covers = Math.min(covers(chunk), left);
      int bytes = deltaBytes(chunk, covers);
      if (bytes < 0) {
        return false;
      }
      deltas += bytes;
      left -= covers;
    }
    return deltas <= end - chunksEnd;
  }

  /**
   * Bytes of deltas that the first {@code covers} symbols of a chunk ask for, counted by whole
   * chunks, since each feedback of each viewer goes through here; -1 for a reserved symbol.
   */
  private static int deltaBytes(int chunk, int covers) {
    if ((chunk & 0x8000) == 0) {
      int symbol = chunk >> 13;
      return symbol > LARGE_DELTA ? -1 : symbol * covers;
    }
    if ((chunk & 0x4000) == 0) {
      return Integer.bitCount((chunk & 0x3FFF) >> 14 - covers);
    }
    int symbols = (chunk & 0x3FFF) >> 14 - 2 * covers;
    int small = symbols & 0x1555;
    int large = symbols >> 1 & 0x1555;
    return (small & large) != 0 ? -1 : Integer.bitCount(small) + 2 * Integer.bitCount(large);
  }

  /**
   * Reads the part after the two SSRCs, as {@link RtcpVisitor#transportFeedback} hands it out.
   *
   * @return false, and nothing told, where it is malformed
   */
  public static boolean parse(MemorySegment segment, long offset, int length, Visitor visitor) {
    if (!isWellFormed(segment, offset, length)) {
      return false;
    }
    visitor.begin(
        u16(segment, offset),
        u16(segment, offset + 2),
        referenceTimeUs(segment, offset),
        u8(segment, offset + 7));
    tell(segment, offset, length, visitor);
    return true;
  }

  private static long referenceTimeUs(MemorySegment segment, long offset) {
    return (u24(segment, offset + 4) << 8 >> 8) * REFERENCE_UNIT_US;
  }

  /** Tells all of a well-formed feedback. */
  private static void tell(MemorySegment segment, long offset, int length, Visitor visitor) {
    int left = u16(segment, offset + 2);
    long chunksEnd = chunksEnd(segment, offset + HEADER_LENGTH, offset + length, left);
    int sequence = u16(segment, offset);
    long arrivalUs = referenceTimeUs(segment, offset);
    long delta = chunksEnd;
    for (long at = offset + HEADER_LENGTH; at < chunksEnd; at += 2) {
      int chunk = u16(segment, at);
      int covers = Math.min(covers(chunk), left);
      left -= covers;
      if (chunk >> 13 == NOT_RECEIVED) {
        // One call for a run, so that a short packet cannot cost 65,535 of them.
        if (covers > 0) {
          visitor.missing(sequence, covers);
        }
        sequence = sequence + covers & 0xFFFF;
        continue;
      }
      for (int i = 0; i < covers; i++) {
        int symbol = symbol(chunk, i);
        if (symbol == NOT_RECEIVED) {
          visitor.missing(sequence, 1);
        } else {
          int ticks = symbol == SMALL_DELTA ? u8(segment, delta) : (short) u16(segment, delta);
          delta += symbol;
          arrivalUs += ticks * DELTA_UNIT_US;
          visitor.received(sequence, arrivalUs);
        }
        sequence = sequence + 1 & 0xFFFF;
      }
    }
  }

  /**
   * @return where the deltas begin, or -1 where the chunks do not cover {@code count} packets
   */
  private static long chunksEnd(MemorySegment segment, long start, long end, int count) {
    long at = start;
    int left = count;
    while (left > 0) {
      if (at + 2 > end) {
        return -1;
      }
      int covers = covers(u16(segment, at));
      if (covers == 0) {
        return -1;
      }
      left -= covers;
      at += 2;
    }
    return at;
  }

  /** Packets that a chunk speaks of: a run of up to 8,191, or a vector of 14 or 7 symbols. */
  private static int covers(int chunk) {
    if ((chunk & 0x8000) == 0) {
      return chunk & 0x1FFF;
    }
    return (chunk & 0x4000) == 0 ? 14 : 7;
  }

  private static int symbol(int chunk, int index) {
    if ((chunk & 0x8000) == 0) {
      return chunk >> 13;
    }
    return (chunk & 0x4000) == 0 ? chunk >> (13 - index) & 1 : chunk >> (12 - 2 * index) & 3;
  }
}
