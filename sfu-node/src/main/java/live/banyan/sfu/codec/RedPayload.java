package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u24;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * Redundant audio (RFC 2198 §3): older frames again in front of the newest. Stateless, any thread.
 *
 * <pre>
 *  F=1 block PT(7) timestamp offset(14) length(10), for each older block | F=0 PT(7) | data
 * </pre>
 */
public final class RedPayload {
  /** Result where the headers do not add up. */
  public static final int MALFORMED = -1;

  /** Redundant blocks that a packet may carry; Chromium sends one or two. */
  public static final int MAX_BLOCKS = 32;

  private RedPayload() {}

  /** What {@link #walk} tells, oldest first. */
  public interface Visitor {
    /**
     * @param timestampOffset how much older than the packet's timestamp, 0 for the newest
     */
    void block(int payloadType, int timestampOffset, long offset, int length);
  }

  /**
   * Tells every block; nothing where the payload is malformed.
   *
   * @return number of blocks, the newest included, or {@link #MALFORMED}
   */
  public static int walk(MemorySegment payload, long offset, int length, Visitor visitor) {
    int primary = primaryOffset(payload, offset, length);
    if (primary == MALFORMED) {
      return MALFORMED;
    }
    long header = offset;
    int blocks = 0;
    while ((u8(payload, header) & 0x80) != 0) {
      header += 4;
      blocks++;
    }
    long data = header + 1;
    for (long at = offset; at < header; at += 4) {
      int blockLength = u16(payload, at + 2) & 0x3FF;
      visitor.block(u8(payload, at) & 0x7F, u24(payload, at + 1) >> 10, data, blockLength);
      data += blockLength;
    }
    visitor.block(u8(payload, header) & 0x7F, 0, data, (int) (offset + length - data));
    return blocks + 1;
  }

  /**
   * Where the newest block's data begins, counted from the payload's start.
   *
   * @return bytes, or {@link #MALFORMED}
   */
  public static int primaryOffset(MemorySegment payload, long offset, int length) {
    int at = 0;
    int redundant = 0;
    for (int blocks = 0; blocks <= MAX_BLOCKS; blocks++) {
      if (at >= length) {
        return MALFORMED;
      }
      if ((u8(payload, offset + at) & 0x80) == 0) {
        int primary = at + 1 + redundant;
        return primary > length ? MALFORMED : primary;
      }
      if (at + 4 > length) {
        return MALFORMED;
      }
      redundant += u16(payload, offset + at + 2) & 0x3FF;
      at += 4;
    }
    return MALFORMED;
  }
}
