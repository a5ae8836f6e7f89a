package live.banyan.sfu.rtp;

import static live.banyan.sfu.packet.NetworkOrder.i32;
import static live.banyan.sfu.packet.NetworkOrder.i64;
import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * The FEC header of a repair packet for one stream (draft-ietf-payload-flexible-fec-scheme-03 §4.2,
 * with flexible mask and without retransmission, as Chromium writes it). Reused; not thread safe.
 *
 * <pre>
 *   0 |R|F|P|X| CC(4) |M|PT recovery(7) | length recovery(16)
 *   4 | TS recovery(32)
 *   8 | SSRC count(8) | reserved(24)
 *  12 | SSRC(32)
 *  16 | SN base(16) |k| mask 0..14 |
 *  20 |k| mask 15..45 |
 *  24 |k| mask 46..108 |
 * </pre>
 *
 * A set k ends the mask, so that the header has 20, 24 or 32 bytes.
 */
public final class FlexfecHeader {
  /** Packets that a mask can name. */
  public static final int MASK_BITS = 109;

  private static final int FIRST_BITS = 15;
  private static final int SECOND_BITS = 31;
  private static final int THIRD_BITS = 63;

  private int length;
  private int protectedSsrc;
  private int base;
  private long low;
  private long high;

  /**
   * Reads a header.
   *
   * @return false where it is truncated, or of a kind that is not for one stream by mask
   */
  public boolean read(MemorySegment payload, long offset, int payloadLength) {
    if (payloadLength < 20 || (u8(payload, offset) & 0xC0) != 0 || u8(payload, offset + 8) != 1) {
      return false;
    }
    protectedSsrc = i32(payload, offset + 12);
    base = u16(payload, offset + 16);
    int first = u16(payload, offset + 18);
    low = 0;
    high = 0;
    take(first & 0x7FFFL, FIRST_BITS, 0);
    if ((first & 0x8000) != 0) {
      length = 20;
      return true;
    }
    if (payloadLength < 24) {
      return false;
    }
    int second = i32(payload, offset + 20);
    take(second & 0x7FFF_FFFFL, SECOND_BITS, FIRST_BITS);
    if (second < 0) {
      length = 24;
      return true;
    }
    if (payloadLength < 32) {
      return false;
    }
    long third = i64(payload, offset + 24);
    take(third & Long.MAX_VALUE, THIRD_BITS, FIRST_BITS + SECOND_BITS);
    length = 32;
    return third < 0;
  }

  /** Places bits whose most significant names the packet at {@code first} after the base. */
  private void take(long bits, int count, int first) {
    long ascending = Long.reverse(bits) >>> (Long.SIZE - count);
    if (first < Long.SIZE) {
      low |= ascending << first;
    }
    if (first + count > Long.SIZE) {
      high |= ascending >>> (Long.SIZE - first);
    }
  }

  /** Bytes of the header; 20, 24 or 32. */
  public int length() {
    return length;
  }

  /** The SSRC of the packets that it protects. */
  public int protectedSsrc() {
    return protectedSsrc;
  }

  /** Sequence number that the mask counts from. */
  public int base() {
    return base;
  }

  /** Bit i: the packet {@code i} after the base is protected; 0 to 63. */
  public long low() {
    return low;
  }

  /** Bit i: the packet {@code 64 + i} after the base is protected. */
  public long high() {
    return high;
  }
}
