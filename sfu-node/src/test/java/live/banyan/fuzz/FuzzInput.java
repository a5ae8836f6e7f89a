package live.banyan.fuzz;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** A fuzzer's bytes, taken from the front. Beyond their end everything is 0 or empty. */
public final class FuzzInput {
  /** Bytes in front of a packet in {@link #packet}. */
  public static final int LEAD = 5;

  private final byte[] bytes;
  private int at;

  public FuzzInput(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * A segment that ends where the packet does, so that reading on throws; the packet begins at
   * {@link #LEAD}, so that a reader that forgets its offset reads something else.
   */
  public static MemorySegment packet(byte[] packet) {
    MemorySegment segment = MemorySegment.ofArray(new byte[LEAD + packet.length]);
    segment.asSlice(0, LEAD).fill((byte) 0xA5);
    MemorySegment.copy(packet, 0, segment, ValueLayout.JAVA_BYTE, LEAD, packet.length);
    return segment;
  }

  public boolean isEmpty() {
    return at == bytes.length;
  }

  /** 0 to 255. */
  public int u8() {
    return at < bytes.length ? bytes[at++] & 0xff : 0;
  }

  /** 0 to 65,535. */
  public int u16() {
    return u8() << 8 | u8();
  }

  public int i32() {
    return u16() << 16 | u16();
  }

  public long i64() {
    return (long) i32() << 32 | i32() & 0xffff_ffffL;
  }

  public boolean flag() {
    return (u8() & 1) != 0;
  }

  /** So many bytes, or what is left. */
  public byte[] bytes(int count) {
    int end = Math.min(bytes.length, at + count);
    byte[] taken = Arrays.copyOfRange(bytes, at, end);
    at = end;
    return taken;
  }

  /** Bytes behind their count in two bytes. */
  public byte[] chunk() {
    return bytes(u16());
  }

  public byte[] rest() {
    return bytes(bytes.length - at);
  }
}
