package live.banyan.sfu.packet;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Big-endian, unaligned access to a MemorySegment. Every access is bounds-checked by the segment;
 * reading past a packet but inside a shared slot array is the caller's mistake to avoid.
 */
public final class NetworkOrder {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private NetworkOrder() {}

  /** One byte, 0 to 255. */
  public static int u8(MemorySegment segment, long offset) {
    return segment.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
  }

  /** Two bytes, 0 to 65,535. */
  public static int u16(MemorySegment segment, long offset) {
    return segment.get(SHORT, offset) & 0xFFFF;
  }

  /** Three bytes, 0 to 2^24 - 1. */
  public static int u24(MemorySegment segment, long offset) {
    return u8(segment, offset) << 16 | u16(segment, offset + 1);
  }

  /** Four bytes as they are: SSRCs, RTP timestamps. */
  public static int i32(MemorySegment segment, long offset) {
    return segment.get(INT, offset);
  }

  /** Four bytes, 0 to 2^32 - 1. */
  public static long u32(MemorySegment segment, long offset) {
    return segment.get(INT, offset) & 0xFFFF_FFFFL;
  }

  /** Eight bytes as they are: NTP timestamps. */
  public static long i64(MemorySegment segment, long offset) {
    return segment.get(LONG, offset);
  }

  public static void put8(MemorySegment segment, long offset, int value) {
    segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
  }

  public static void put16(MemorySegment segment, long offset, int value) {
    segment.set(SHORT, offset, (short) value);
  }

  public static void put24(MemorySegment segment, long offset, int value) {
    put8(segment, offset, value >> 16);
    put16(segment, offset + 1, value);
  }

  public static void put32(MemorySegment segment, long offset, int value) {
    segment.set(INT, offset, value);
  }

  public static void put64(MemorySegment segment, long offset, long value) {
    segment.set(LONG, offset, value);
  }
}
