package live.banyan.sfu.rtcp;

import static live.banyan.sfu.packet.NetworkOrder.i32;
import static live.banyan.sfu.packet.NetworkOrder.i64;
import static live.banyan.sfu.packet.NetworkOrder.put16;
import static live.banyan.sfu.packet.NetworkOrder.put8;
import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u24;
import static live.banyan.sfu.packet.NetworkOrder.u32;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * Validates and walks a compound of RTCP packets (RFC 3550 §6.1), reduced-size ones included (RFC
 * 5506). Types that a node has no use for (APP, unknown feedback and XR blocks) are skipped.
 * Allocates nothing. Stateless, any thread.
 */
public final class RtcpCompound {
  /** The lengths of the packets do not add up to the datagram, or a version is not 2. */
  public static final int BAD_FRAMING = -1;

  /** A packet is shorter than what it says it contains. */
  public static final int BAD_BODY = -2;

  static final int SR = 200;
  static final int RR = 201;
  static final int SDES = 202;
  static final int BYE = 203;
  static final int RTPFB = 205;
  static final int PSFB = 206;
  static final int XR = 207;

  static final int FMT_NACK = 1;
  static final int FMT_CONGESTION_FEEDBACK = 11;
  static final int FMT_TRANSPORT_FEEDBACK = 15;
  static final int FMT_PLI = 1;
  static final int FMT_FIR = 4;
  static final int FMT_AFB = 15;

  static final int REMB_IDENTIFIER = 0x52454D42; // "REMB"
  static final int CNAME_ITEM = 1;

  static final int XR_REFERENCE_TIME = 4;
  static final int XR_DELAY_SINCE = 5;
  static final int REPORT_BLOCK_LENGTH = 24;

  private RtcpCompound() {}

  /**
   * Tells the visitor what the compound contains. A compound with any malformed packet is refused
   * as a whole, before the visitor has heard anything.
   *
   * @return number of RTCP packets, or a negative reason
   */
  public static int walk(MemorySegment segment, long offset, int length, RtcpVisitor visitor) {
    int count = check(segment, offset, length);
    long at = offset;
    for (int i = 0; i < count; i++) {
      int packetLength = packetLength(segment, at);
      visit(segment, at, bodyEnd(segment, at, packetLength), visitor);
      at += packetLength;
    }
    return count;
  }

  /**
   * Validates a compound.
   *
   * @return number of RTCP packets, or a negative reason
   */
  public static int check(MemorySegment segment, long offset, int length) {
    long at = offset;
    long end = offset + length;
    int count = 0;
    while (at < end) {
      if (end - at < 4 || u8(segment, at) >> 6 != 2) {
        return BAD_FRAMING;
      }
      int packetLength = packetLength(segment, at);
      if (packetLength > end - at) {
        return BAD_FRAMING;
      }
      long bodyEnd = bodyEnd(segment, at, packetLength);
      if (bodyEnd < at + 4) {
        return BAD_FRAMING;
      }
      if (!isWellFormed(segment, at, bodyEnd)) {
        return BAD_BODY;
      }
      at += packetLength;
      count++;
    }
    return count == 0 ? BAD_FRAMING : count;
  }

  private static int packetLength(MemorySegment segment, long at) {
    return 4 + 4 * u16(segment, at + 2);
  }

  /**
   * Where a packet's body ends and its padding begins. Less than the header's end for impossible
   * padding. Padding need not be a multiple of 4: Chromium pads transport feedback by 1 to 3.
   */
  private static long bodyEnd(MemorySegment segment, long at, int packetLength) {
    long end = at + packetLength;
    if ((u8(segment, at) & 0x20) == 0) {
      return end;
    }
    int padding = u8(segment, end - 1);
    return padding == 0 || packetLength == 4 ? -1 : end - padding;
  }

  private static boolean isWellFormed(MemorySegment segment, long at, long end) {
    int count = u8(segment, at) & 0x1F;
    long bytes = end - at;
    return switch (u8(segment, at + 1)) {
      case SR -> bytes >= 28 + (long) REPORT_BLOCK_LENGTH * count;
      case RR -> bytes >= 8 + (long) REPORT_BLOCK_LENGTH * count;
      case SDES -> isSdesWellFormed(segment, at + 4, end, count);
      case BYE -> bytes >= 4 + 4L * count;
      case RTPFB -> isTransportLayerWellFormed(segment, at, end, count);
      case PSFB -> isPayloadSpecificWellFormed(segment, at, end, count);
      case XR -> isExtendedWellFormed(segment, at, end);
      default -> true;
    };
  }

  private static boolean isTransportLayerWellFormed(
      MemorySegment segment, long at, long end, int format) {
    long bytes = end - at;
    return switch (format) {
      case FMT_NACK -> bytes >= 16 && bytes % 4 == 0;
      case FMT_CONGESTION_FEEDBACK ->
          bytes >= 12 && CongestionFeedback.isWellFormed(segment, at + 8, (int) (bytes - 8));
      case FMT_TRANSPORT_FEEDBACK ->
          bytes >= 20 && TransportFeedback.isWellFormed(segment, at + 12, (int) (bytes - 12));
      default -> bytes >= 12;
    };
  }

  private static boolean isPayloadSpecificWellFormed(
      MemorySegment segment, long at, long end, int format) {
    long bytes = end - at;
    return switch (format) {
      case FMT_FIR -> bytes >= 20 && (bytes - 12) % 8 == 0;
      case FMT_AFB ->
          bytes >= 12
              && (bytes < 20
                  || i32(segment, at + 12) != REMB_IDENTIFIER
                  || bytes >= 20 + 4L * u8(segment, at + 16));
      default -> bytes >= 12;
    };
  }

  private static boolean isExtendedWellFormed(MemorySegment segment, long start, long end) {
    long at = start + 8;
    while (at < end) {
      if (end - at < 4) {
        return false;
      }
      int length = packetLength(segment, at);
      int type = u8(segment, at);
      if (length > end - at
          || type == XR_REFERENCE_TIME && length < 12
          || type == XR_DELAY_SINCE && (length - 4) % 12 != 0) {
        return false;
      }
      at += length;
    }
    return at == end;
  }

  private static void visitExtended(
      MemorySegment segment, long start, long end, RtcpVisitor visitor) {
    int sender = i32(segment, start + 4);
    int length;
    for (long at = start + 8; at < end; at += length) {
      length = packetLength(segment, at);
      if (u8(segment, at) == XR_REFERENCE_TIME) {
        visitor.referenceTime(sender, i64(segment, at + 4));
      } else if (u8(segment, at) == XR_DELAY_SINCE) {
        for (long block = at + 4; block < at + length; block += 12) {
          visitor.delaySinceReference(
              sender, i32(segment, block), i32(segment, block + 4), i32(segment, block + 8));
        }
      }
    }
  }

  private static boolean isSdesWellFormed(MemorySegment segment, long start, long end, int chunks) {
    long at = start;
    for (int i = 0; i < chunks; i++) {
      at = skipSdesChunk(segment, at, end);
      if (at < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * @return where the next chunk begins, or -1 where this one does not end in time
   */
  private static long skipSdesChunk(MemorySegment segment, long start, long end) {
    long at = start + 4;
    while (at < end && u8(segment, at) != 0) {
      if (at + 2 > end) {
        return -1;
      }
      at += 2 + u8(segment, at + 1);
    }
    // The null octet, then up to the next 32-bit boundary (RFC 3550 §6.5).
    long next = start + (at + 1 - start + 3 & ~3L);
    return next > end ? -1 : next;
  }

  private static void visit(MemorySegment segment, long at, long end, RtcpVisitor visitor) {
    int count = u8(segment, at) & 0x1F;
    switch (u8(segment, at + 1)) {
      case SR -> {
        visitor.senderReport(
            i32(segment, at + 4),
            i64(segment, at + 8),
            i32(segment, at + 16),
            i32(segment, at + 20),
            i32(segment, at + 24));
        visitReportBlocks(segment, at + 28, count, i32(segment, at + 4), visitor);
      }
      case RR -> {
        visitor.receiverReport(i32(segment, at + 4));
        visitReportBlocks(segment, at + 8, count, i32(segment, at + 4), visitor);
      }
      case SDES -> visitSdes(segment, at + 4, end, count, visitor);
      case BYE -> {
        for (int i = 0; i < count; i++) {
          visitor.bye(i32(segment, at + 4 + 4L * i));
        }
      }
      case RTPFB -> visitTransportLayer(segment, at, end, count, visitor);
      case PSFB -> visitPayloadSpecific(segment, at, end, count, visitor);
      case XR -> visitExtended(segment, at, end, visitor);
      default -> {}
    }
  }

  private static void visitReportBlocks(
      MemorySegment segment, long start, int count, int reporter, RtcpVisitor visitor) {
    for (int i = 0; i < count; i++) {
      long at = start + (long) REPORT_BLOCK_LENGTH * i;
      visitor.reportBlock(
          reporter,
          i32(segment, at),
          u8(segment, at + 4),
          u24(segment, at + 5) << 8 >> 8,
          u32(segment, at + 8),
          u32(segment, at + 12),
          i32(segment, at + 16),
          i32(segment, at + 20));
    }
  }

  private static void visitSdes(
      MemorySegment segment, long start, long end, int chunks, RtcpVisitor visitor) {
    long chunk = start;
    for (int i = 0; i < chunks; i++) {
      long at = chunk + 4;
      while (at < end && u8(segment, at) != 0) {
        int length = u8(segment, at + 1);
        if (u8(segment, at) == CNAME_ITEM) {
          visitor.cname(i32(segment, chunk), segment, at + 2, length);
        }
        at += 2 + length;
      }
      chunk = skipSdesChunk(segment, chunk, end);
    }
  }

  private static void visitTransportLayer(
      MemorySegment segment, long at, long end, int format, RtcpVisitor visitor) {
    int sender = i32(segment, at + 4);
    int media = i32(segment, at + 8);
    switch (format) {
      case FMT_NACK -> visitNack(segment, at, end, visitor);
      case FMT_CONGESTION_FEEDBACK ->
          visitor.congestionFeedback(sender, segment, at + 8, (int) (end - at - 8));
      case FMT_TRANSPORT_FEEDBACK ->
          visitor.transportFeedback(sender, media, segment, at + 12, (int) (end - at - 12));
      default -> {}
    }
  }

  private static void visitNack(MemorySegment segment, long at, long end, RtcpVisitor visitor) {
    int sender = i32(segment, at + 4);
    int media = i32(segment, at + 8);
    for (long fci = at + 12; fci < end; fci += 4) {
      int sequence = u16(segment, fci);
      int following = u16(segment, fci + 2);
      visitor.nack(sender, media, sequence);
      for (int bits = following; bits != 0; bits &= bits - 1) {
        visitor.nack(sender, media, (sequence + 1 + Integer.numberOfTrailingZeros(bits)) & 0xFFFF);
      }
    }
  }

  private static void visitPayloadSpecific(
      MemorySegment segment, long at, long end, int format, RtcpVisitor visitor) {
    int sender = i32(segment, at + 4);
    switch (format) {
      case FMT_PLI -> visitor.pictureLoss(sender, i32(segment, at + 8));
      case FMT_FIR -> {
        for (long fci = at + 12; fci < end; fci += 8) {
          visitor.fullIntraRequest(sender, i32(segment, fci), u8(segment, fci + 4));
        }
      }
      case FMT_AFB -> {
        if (end - at >= 20 && i32(segment, at + 12) == REMB_IDENTIFIER) {
          int exponent = u8(segment, at + 17) >> 2;
          long mantissa = u24(segment, at + 17) & 0x3_FFFF;
          visitor.receiverEstimatedBitrate(
              sender, scale(mantissa, exponent), segment, at + 20, u8(segment, at + 16));
        }
      }
      default -> {}
    }
  }

  private static long scale(long mantissa, int exponent) {
    // 18 bits of mantissa and up to 63 of exponent do not fit a long.
    return mantissa != 0 && exponent > Long.numberOfLeadingZeros(mantissa) - 1
        ? Long.MAX_VALUE
        : mantissa << exponent;
  }

  static void header(MemorySegment dst, long offset, int count, int type, int length) {
    put8(dst, offset, 0x80 | count);
    put8(dst, offset + 1, type);
    put16(dst, offset + 2, length / 4 - 1);
  }
}
