package live.banyan.sfu.rtp;

import static live.banyan.sfu.packet.NetworkOrder.put16;
import static live.banyan.sfu.packet.NetworkOrder.put32;
import static live.banyan.sfu.packet.NetworkOrder.put8;
import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.packet.NetworkOrder;

/**
 * Flyweight over one RTP packet (RFC 3550 §5.1). Call {@link #check} once; the accessors trust it.
 * Stateless, any thread.
 *
 * <pre>
 *  0: V(2) P X CC(4)   1: M PT(7)   2: sequence   4: timestamp   8: SSRC   12: CSRC x CC
 *  then, where X: profile(16) length in words(16) words
 * </pre>
 */
public final class RtpHeader {
  /** Bytes of a header without CSRCs and extensions. */
  public static final int FIXED_LENGTH = 12;

  /** Fewer than 12 bytes. */
  public static final int TOO_SHORT = -1;

  /** The version is not 2. */
  public static final int BAD_VERSION = -2;

  /** The CSRC list or the extension reaches beyond the packet. */
  public static final int BAD_HEADER = -3;

  /** The padding count is 0 or reaches into the header. */
  public static final int BAD_PADDING = -4;

  private static final int PADDING_BIT = 0x20;
  private static final int EXTENSION_BIT = 0x10;

  private RtpHeader() {}

  /**
   * Tells RTCP from RTP on one port by the second byte (RFC 5761 §4).
   *
   * @return false also where the packet is too short to tell
   */
  public static boolean isRtcp(MemorySegment packet, long offset, int length) {
    if (length < 2) {
      return false;
    }
    int type = u8(packet, offset + 1) & 0x7F;
    return type >= 64 && type < 96;
  }

  /**
   * Validates the clear-text part of a packet: usable before SRTP has been removed.
   *
   * @return header length in bytes, CSRCs and extension included, or a negative reason
   */
  public static int checkHeader(MemorySegment packet, long offset, int length) {
    if (length < FIXED_LENGTH) {
      return TOO_SHORT;
    }
    int first = u8(packet, offset);
    if (first >> 6 != 2) {
      return BAD_VERSION;
    }
    int headerLength = FIXED_LENGTH + 4 * (first & 0x0F);
    if ((first & EXTENSION_BIT) != 0) {
      if (headerLength + 4 > length) {
        return BAD_HEADER;
      }
      headerLength += 4 + 4 * u16(packet, offset + headerLength + 2);
    }
    return headerLength > length ? BAD_HEADER : headerLength;
  }

  /**
   * Validates a whole, unprotected packet.
   *
   * @return header length in bytes, CSRCs and extension included, or a negative reason
   */
  public static int check(MemorySegment packet, long offset, int length) {
    int headerLength = checkHeader(packet, offset, length);
    if (headerLength < 0 || !hasPadding(packet, offset)) {
      return headerLength;
    }
    if (headerLength == length) {
      return BAD_PADDING;
    }
    int padding = u8(packet, offset + length - 1);
    return padding == 0 || padding > length - headerLength ? BAD_PADDING : headerLength;
  }

  /** Header length of a packet that {@link #check} accepted. */
  public static int headerLength(MemorySegment packet, long offset) {
    int first = u8(packet, offset);
    int headerLength = FIXED_LENGTH + 4 * (first & 0x0F);
    return (first & EXTENSION_BIT) == 0
        ? headerLength
        : headerLength + 4 + 4 * u16(packet, offset + headerLength + 2);
  }

  /** Payload bytes of a packet that {@link #check} accepted; 0 for padding only. */
  public static int payloadLength(MemorySegment packet, long offset, int length, int headerLength) {
    return length - headerLength - paddingLength(packet, offset, length);
  }

  /** Says that a packet ends in padding. */
  public static void setPadding(MemorySegment packet, long offset) {
    put8(packet, offset, u8(packet, offset) | PADDING_BIT);
  }

  /** Says that a packet has no padding. */
  public static void clearPadding(MemorySegment packet, long offset) {
    put8(packet, offset, u8(packet, offset) & ~PADDING_BIT);
  }

  /** Padding bytes, the count itself included, of a packet that {@link #check} accepted. */
  public static int paddingLength(MemorySegment packet, long offset, int length) {
    return hasPadding(packet, offset) ? u8(packet, offset + length - 1) : 0;
  }

  public static boolean hasPadding(MemorySegment packet, long offset) {
    return (u8(packet, offset) & PADDING_BIT) != 0;
  }

  public static boolean hasExtension(MemorySegment packet, long offset) {
    return (u8(packet, offset) & EXTENSION_BIT) != 0;
  }

  /** Number of contributing sources, 0 to 15. */
  public static int csrcCount(MemorySegment packet, long offset) {
    return u8(packet, offset) & 0x0F;
  }

  public static boolean marker(MemorySegment packet, long offset) {
    return (u8(packet, offset + 1) & 0x80) != 0;
  }

  /** 0 to 127. */
  public static int payloadType(MemorySegment packet, long offset) {
    return u8(packet, offset + 1) & 0x7F;
  }

  /** 0 to 65,535; see {@link SequenceExtender}. */
  public static int sequence(MemorySegment packet, long offset) {
    return u16(packet, offset + 2);
  }

  /** The 32 bits as they are, in units of the codec's clock. */
  public static int timestamp(MemorySegment packet, long offset) {
    return NetworkOrder.i32(packet, offset + 4);
  }

  /** The 32 bits as they are. */
  public static int ssrc(MemorySegment packet, long offset) {
    return NetworkOrder.i32(packet, offset + 8);
  }

  /** Writes the 12 fixed bytes: no padding, no extension, no CSRC. */
  public static void write(
      MemorySegment dst,
      long offset,
      boolean marker,
      int payloadType,
      int sequence,
      int timestamp,
      int ssrc) {
    put8(dst, offset, 0x80);
    rewrite(dst, offset, marker, payloadType, sequence, timestamp, ssrc);
  }

  /** Writes all of a fixed header but its first byte, which tells of extension and padding. */
  public static void rewrite(
      MemorySegment dst,
      long offset,
      boolean marker,
      int payloadType,
      int sequence,
      int timestamp,
      int ssrc) {
    put8(dst, offset + 1, (marker ? 0x80 : 0) | (payloadType & 0x7F));
    put16(dst, offset + 2, sequence);
    put32(dst, offset + 4, timestamp);
    put32(dst, offset + 8, ssrc);
  }

  public static void setMarker(MemorySegment packet, long offset, boolean marker) {
    put8(packet, offset + 1, (marker ? 0x80 : 0) | payloadType(packet, offset));
  }

  public static void setPayloadType(MemorySegment packet, long offset, int payloadType) {
    put8(packet, offset + 1, (u8(packet, offset + 1) & 0x80) | (payloadType & 0x7F));
  }

  public static void setSequence(MemorySegment packet, long offset, int sequence) {
    put16(packet, offset + 2, sequence);
  }

  public static void setTimestamp(MemorySegment packet, long offset, int timestamp) {
    put32(packet, offset + 4, timestamp);
  }

  public static void setSsrc(MemorySegment packet, long offset, int ssrc) {
    put32(packet, offset + 8, ssrc);
  }

  /**
   * Appends padding so that packets of one send get equal lengths (RFC 3550 §5.1).
   *
   * @param length of the packet so far, without padding
   * @param padding bytes to add, 0 to 255; the caller has room for them
   * @return the new length
   */
  public static int pad(MemorySegment packet, long offset, int length, int padding) {
    if (padding == 0) {
      return length;
    }
    if (padding < 0 || padding > 255) {
      throw new IllegalArgumentException("padding of " + padding + " bytes is not 0 to 255");
    }
    put8(packet, offset, u8(packet, offset) | PADDING_BIT);
    for (int i = 0; i < padding - 1; i++) {
      put8(packet, offset + length + i, 0);
    }
    put8(packet, offset + length + padding - 1, padding);
    return length + padding;
  }
}
