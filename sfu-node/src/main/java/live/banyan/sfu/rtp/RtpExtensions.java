package live.banyan.sfu.rtp;

import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * Finds header extension elements in the one-byte and two-byte forms (RFC 8285 §4.2, §4.3).
 * Allocates nothing: a found element is one long. Stateless, any thread.
 */
public final class RtpExtensions {
  /** The packet has no such element. */
  public static final long NONE = -1;

  /** What stands in front of elements of the one-byte form (RFC 8285 §4.2). */
  public static final int ONE_BYTE_PROFILE = 0xBEDE;

  static final int TWO_BYTE_PROFILE = 0x1000;

  private RtpExtensions() {}

  /**
   * Finds an element of a packet that {@link RtpHeader#checkHeader} accepted.
   *
   * @param id 0 finds nothing: the value of {@link ExtensionMap#id} where nothing was negotiated
   * @return the element for {@link #offset} and {@link #length}, or {@link #NONE}
   */
  public static long find(MemorySegment packet, long offset, int id) {
    if (id <= 0 || !RtpHeader.hasExtension(packet, offset)) {
      return NONE;
    }
    long block = offset + RtpHeader.FIXED_LENGTH + 4L * RtpHeader.csrcCount(packet, offset);
    int profile = u16(packet, block);
    long at = block + 4;
    long end = at + 4L * u16(packet, block + 2);
    if (profile == ONE_BYTE_PROFILE) {
      return findOneByte(packet, at, end, id);
    }
    // The low four bits are application bits that nobody uses (RFC 8285 §4.3).
    return (profile & 0xFFF0) == TWO_BYTE_PROFILE ? findTwoByte(packet, at, end, id) : NONE;
  }

  private static long findOneByte(MemorySegment packet, long start, long end, int id) {
    long at = start;
    while (at < end) {
      int header = u8(packet, at);
      int elementId = header >> 4;
      int length = (header & 0x0F) + 1;
      if (header == 0) {
        at++;
      } else if (elementId == 0 || elementId == 15) {
        // Id 15, and id 0 with a length, end the processing (RFC 8285 §4.2).
        return NONE;
      } else if (at + 1 + length > end) {
        return NONE;
      } else if (elementId == id) {
        return pack(at + 1, length);
      } else {
        at += 1 + length;
      }
    }
    return NONE;
  }

  private static long findTwoByte(MemorySegment packet, long start, long end, int id) {
    long at = start;
    while (at < end) {
      int elementId = u8(packet, at);
      if (elementId == 0) {
        at++;
        continue;
      }
      if (at + 2 > end) {
        return NONE;
      }
      int length = u8(packet, at + 1);
      if (at + 2 + length > end) {
        return NONE;
      }
      if (elementId == id) {
        return pack(at + 2, length);
      }
      at += 2 + length;
    }
    return NONE;
  }

  private static long pack(long offset, int length) {
    return offset << 8 | length;
  }

  /** Offset in the segment of a found element's data. */
  public static long offset(long element) {
    return element >> 8;
  }

  /** Bytes of a found element's data, 0 to 255. */
  public static int length(long element) {
    return (int) (element & 0xFF);
  }
}
