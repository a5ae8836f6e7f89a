package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * Reads bits, most significant first. Reading past the end yields zeros and is remembered: check
 * {@link #overran} once at the end instead of each time. Not thread safe.
 */
final class BitReader {
  private MemorySegment segment = MemorySegment.NULL;
  private long bit;
  private long end;
  private boolean overran;

  void reset(MemorySegment source, long offset, int length) {
    segment = source;
    bit = offset * 8;
    end = (offset + length) * 8;
    overran = false;
  }

  boolean overran() {
    return overran;
  }

  /** Bits from the beginning of the segment to what is read next. */
  long position() {
    return bit;
  }

  boolean flag() {
    return bits(1) != 0;
  }

  /**
   * @param count 0 to 31
   */
  int bits(int count) {
    if (count > end - bit) {
      overran = true;
      bit = end;
      return 0;
    }
    int value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 1 | u8(segment, bit >> 3) >> (7 - (int) (bit & 7)) & 1;
      bit++;
    }
    return value;
  }

  /** ns(n): a number below {@code n} in as few bits as can be (AV1 bitstream §4.10.7). */
  int nonSymmetric(int n) {
    int width = 32 - Integer.numberOfLeadingZeros(n);
    int shorter = (1 << width) - n;
    int value = bits(width - 1);
    return value < shorter ? value : (value << 1) - shorter + bits(1);
  }
}
