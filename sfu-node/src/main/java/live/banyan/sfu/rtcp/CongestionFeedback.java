package live.banyan.sfu.rtcp;

import static live.banyan.sfu.packet.NetworkOrder.i32;
import static live.banyan.sfu.packet.NetworkOrder.u16;

import java.lang.foreign.MemorySegment;

/**
 * Reads congestion control feedback by stream (RFC 8888 §3.1). Stateless, any thread.
 *
 * <pre>
 *  for each stream: SSRC(32)  first sequence(16) count(16)
 *                   then for each packet: received(1) ECN(2) arrival offset(13)
 *                   and 16 bits of padding where the count is odd
 *  at the end: report timestamp(32)
 * </pre>
 */
public final class CongestionFeedback {
  /** Offsets from this on tell no time: too long ago, or not known (RFC 8888 §3.1). */
  public static final int OFFSET_UNKNOWN = 0x1FFE;

  /** Offsets of one second; the report timestamp counts 65,536. */
  public static final int OFFSETS_PER_SECOND = 1_024;

  private static final int BLOCK_HEADER_LENGTH = 8;
  private static final int TIMESTAMP_LENGTH = 4;
  private static final int RECEIVED = 0x8000;
  private static final int OFFSET_MASK = 0x1FFF;

  private CongestionFeedback() {}

  /** What a feedback tells: stream by stream, each in sequence order. */
  public interface Visitor {
    /**
     * Comes first.
     *
     * @param timestamp of the receiver's clock in 1/65,536 s; wraps after 18 hours
     */
    void begin(int timestamp);

    /**
     * A packet arrived.
     *
     * @param offset how long before {@link #begin}'s time, in 1/1,024 s; {@link #OFFSET_UNKNOWN} or
     *     more without a time
     */
    void received(int ssrc, int sequence, int offset);

    /** {@code count} packets from {@code firstSequence} on have not arrived. */
    void missing(int ssrc, int firstSequence, int count);
  }

  /** Whether the streams fill what there is before the timestamp. */
  static boolean isWellFormed(MemorySegment segment, long offset, int length) {
    long end = offset + length - TIMESTAMP_LENGTH;
    long at = offset;
    while (at < end) {
      if (end - at < BLOCK_HEADER_LENGTH) {
        return false;
      }
      at += blockLength(segment, at);
    }
    return at == end;
  }

  private static long blockLength(MemorySegment segment, long at) {
    return BLOCK_HEADER_LENGTH + (u16(segment, at + 6) + 1 & ~1) * 2L;
  }

  /**
   * Reads the part after the sender's SSRC, as {@link RtcpVisitor#congestionFeedback} hands it out.
   *
   * @return false, and nothing told, where it is malformed
   */
  public static boolean parse(MemorySegment segment, long offset, int length, Visitor visitor) {
    if (!isWellFormed(segment, offset, length)) {
      return false;
    }
    long end = offset + length - TIMESTAMP_LENGTH;
    visitor.begin(i32(segment, end));
    for (long at = offset; at < end; at += blockLength(segment, at)) {
      block(segment, at, visitor);
    }
    return true;
  }

  private static void block(MemorySegment segment, long at, Visitor visitor) {
    int ssrc = i32(segment, at);
    int first = u16(segment, at + 4);
    int count = u16(segment, at + 6);
    int gap = 0;
    for (int i = 0; i < count; i++) {
      int packet = u16(segment, at + BLOCK_HEADER_LENGTH + 2L * i);
      if ((packet & RECEIVED) == 0) {
        gap++;
        continue;
      }
      tellGap(visitor, ssrc, first + i, gap);
      gap = 0;
      visitor.received(ssrc, first + i & 0xFFFF, packet & OFFSET_MASK);
    }
    tellGap(visitor, ssrc, first + count, gap);
  }

  private static void tellGap(Visitor visitor, int ssrc, int next, int count) {
    if (count > 0) {
      visitor.missing(ssrc, next - count & 0xFFFF, count);
    }
  }
}
