package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * The AV1 aggregation header and what stands behind it (RTP Payload Format For AV1 §4.4).
 * Stateless, any thread.
 *
 * <pre>
 *  Z Y W(2) N RSV(3) | OBU elements, each behind its length as LEB128 but the last where W is not 0
 * </pre>
 */
public final class Av1Payload {
  /** OBU types (AV1 bitstream §6.2.2). */
  public static final int OBU_SEQUENCE_HEADER = 1;

  public static final int OBU_TEMPORAL_DELIMITER = 2;
  public static final int OBU_FRAME_HEADER = 3;
  public static final int OBU_FRAME = 6;
  public static final int OBU_TILE_LIST = 8;

  /** Result of {@link #leb128} where the number does not end in time. */
  public static final long MALFORMED = -1;

  private Av1Payload() {}

  /** The first element continues an OBU of the packet before (Z). */
  public static boolean continues(int aggregationHeader) {
    return (aggregationHeader & 0x80) != 0;
  }

  /** The last element continues in the next packet (Y). */
  public static boolean continued(int aggregationHeader) {
    return (aggregationHeader & 0x40) != 0;
  }

  /** Number of elements, 1 to 3; 0 where every element has a length (W). */
  public static int elementCount(int aggregationHeader) {
    return aggregationHeader >> 4 & 0x03;
  }

  /** The packet is the first of a coded video sequence, so of a keyframe (N). */
  public static boolean startsSequence(int aggregationHeader) {
    return (aggregationHeader & 0x08) != 0;
  }

  /** Type of an OBU from its first byte. */
  public static int obuType(int obuHeader) {
    return obuHeader >> 3 & 0x0F;
  }

  /** Whether the payload begins a keyframe. */
  public static boolean isKeyframeStart(MemorySegment payload, long offset, int length) {
    return length >= 2 && startsSequence(u8(payload, offset)) && !continues(u8(payload, offset));
  }

  /**
   * Whether the payload can be the first of a frame: it begins with a sequence or frame header. The
   * dependency descriptor tells for sure where it is negotiated.
   */
  public static boolean startsFrame(MemorySegment payload, long offset, int length) {
    if (length < 2 || continues(u8(payload, offset))) {
      return false;
    }
    int header = u8(payload, offset);
    if (startsSequence(header)) {
      return true;
    }
    long at = offset + 1;
    if (elementCount(header) != 1) {
      long size = leb128(payload, at, offset + length);
      if (size == MALFORMED) {
        return false;
      }
      at += leb128Length(size);
    }
    if (at >= offset + length) {
      return false;
    }
    int type = obuType(u8(payload, at));
    return type == OBU_SEQUENCE_HEADER
        || type == OBU_TEMPORAL_DELIMITER
        || type == OBU_FRAME_HEADER
        || type == OBU_FRAME;
  }

  /**
   * A number in LEB128, together with the bytes it takes (AV1 bitstream §4.10.5). At most 4 bytes:
   * longer ones cannot be the length of anything in a packet.
   *
   * @return for {@link #leb128Value} and {@link #leb128Length}, or {@link #MALFORMED}
   */
  public static long leb128(MemorySegment payload, long offset, long end) {
    long value = 0;
    for (int i = 0; i < 4 && offset + i < end; i++) {
      int b = u8(payload, offset + i);
      value |= (long) (b & 0x7F) << (7 * i);
      if ((b & 0x80) == 0) {
        return value << 8 | (i + 1);
      }
    }
    return MALFORMED;
  }

  public static int leb128Value(long number) {
    return (int) (number >> 8);
  }

  public static int leb128Length(long number) {
    return (int) (number & 0xFF);
  }
}
