package live.banyan.sfu.rtcp;

import static live.banyan.sfu.packet.NetworkOrder.put16;
import static live.banyan.sfu.packet.NetworkOrder.put24;
import static live.banyan.sfu.packet.NetworkOrder.put32;
import static live.banyan.sfu.packet.NetworkOrder.put64;
import static live.banyan.sfu.packet.NetworkOrder.put8;
import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * Writes single RTCP packets; a compound is several written one after the other, a report first
 * (RFC 3550 §6.1). Each method returns the bytes written at {@code offset}. The caller has room.
 * Allocates nothing. Stateless, any thread.
 */
public final class RtcpWriter {
  /** Bytes of a PLI. */
  public static final int PLI_LENGTH = 12;

  /** Bytes of a FIR with one entry. */
  public static final int FIR_LENGTH = 20;

  /** Bytes of a sender report without blocks. */
  public static final int SENDER_REPORT_LENGTH = 28;

  /** Bytes of a receiver report without blocks. */
  public static final int RECEIVER_REPORT_LENGTH = 8;

  /** Bytes that each report block adds. */
  public static final int REPORT_BLOCK_LENGTH = RtcpCompound.REPORT_BLOCK_LENGTH;

  /** Report blocks that one packet can hold: the count has five bits. */
  public static final int MAX_REPORT_BLOCKS = 31;

  /** Bytes of {@link #referenceTime}. */
  public static final int REFERENCE_TIME_LENGTH = 20;

  /** Bytes of {@link #delaySinceReference}. */
  public static final int DELAY_SINCE_LENGTH = 24;

  private RtcpWriter() {}

  /**
   * A sender report without blocks.
   *
   * @param ntp UQ32.32 wall clock of the same instant as {@code rtpTimestamp}
   * @param packets sent so far, low 32 bits; {@code octets} of payload likewise
   */
  public static int senderReport(
      MemorySegment dst,
      long offset,
      int ssrc,
      long ntp,
      int rtpTimestamp,
      int packets,
      int octets) {
    RtcpCompound.header(dst, offset, 0, RtcpCompound.SR, SENDER_REPORT_LENGTH);
    put32(dst, offset + 4, ssrc);
    put64(dst, offset + 8, ntp);
    put32(dst, offset + 16, rtpTimestamp);
    put32(dst, offset + 20, packets);
    put32(dst, offset + 24, octets);
    return SENDER_REPORT_LENGTH;
  }

  /** A receiver report without blocks. */
  public static int receiverReport(MemorySegment dst, long offset, int ssrc) {
    RtcpCompound.header(dst, offset, 0, RtcpCompound.RR, RECEIVER_REPORT_LENGTH);
    put32(dst, offset + 4, ssrc);
    return RECEIVER_REPORT_LENGTH;
  }

  /**
   * Appends a block to the sender or receiver report at {@code offset}; parameters as in {@link
   * RtcpVisitor#reportBlock}. {@code cumulativeLost} is clamped to 24 bits.
   *
   * @param reportLength of the report so far
   * @return the report's new length
   */
  public static int appendReportBlock(
      MemorySegment dst,
      long offset,
      int reportLength,
      int source,
      int fractionLost,
      int cumulativeLost,
      int highestSequence,
      int jitter,
      int lastSenderReport,
      int delaySinceLast) {
    int count = u8(dst, offset) & 0x1F;
    if (count == MAX_REPORT_BLOCKS) {
      throw new IllegalStateException("a report holds at most 31 blocks");
    }
    long at = offset + reportLength;
    put32(dst, at, source);
    put8(dst, at + 4, fractionLost);
    put24(dst, at + 5, Math.clamp(cumulativeLost, -0x80_0000, 0x7F_FFFF));
    put32(dst, at + 8, highestSequence);
    put32(dst, at + 12, jitter);
    put32(dst, at + 16, lastSenderReport);
    put32(dst, at + 20, delaySinceLast);
    int length = reportLength + REPORT_BLOCK_LENGTH;
    RtcpCompound.header(dst, offset, count + 1, u8(dst, offset + 1), length);
    return length;
  }

  /** A source description with one CNAME of at most 255 bytes of UTF-8. */
  public static int cname(MemorySegment dst, long offset, int ssrc, byte[] cname) {
    if (cname.length > 255) {
      throw new IllegalArgumentException("a CNAME of " + cname.length + " bytes");
    }
    int length = cnameLength(cname.length);
    RtcpCompound.header(dst, offset, 1, RtcpCompound.SDES, length);
    put32(dst, offset + 4, ssrc);
    put8(dst, offset + 8, RtcpCompound.CNAME_ITEM);
    put8(dst, offset + 9, cname.length);
    for (int i = 0; i < cname.length; i++) {
      put8(dst, offset + 10 + i, cname[i]);
    }
    for (int i = 10 + cname.length; i < length; i++) {
      put8(dst, offset + i, 0);
    }
    return length;
  }

  /** Bytes of a source description with a CNAME of that many bytes. */
  public static int cnameLength(int nameLength) {
    // At least one null octet ends the item list.
    return (10 + nameLength + 1 + 3) & ~3;
  }

  /** One source leaves. */
  public static int bye(MemorySegment dst, long offset, int ssrc) {
    RtcpCompound.header(dst, offset, 1, RtcpCompound.BYE, 8);
    put32(dst, offset + 4, ssrc);
    return 8;
  }

  /** Most bytes that a NACK of that many packets takes. */
  public static int nackMaxLength(int count) {
    return 12 + 4 * count;
  }

  /**
   * A generic NACK.
   *
   * @param sequences ascending packet indexes, of which the low 16 bits are sent
   * @param from first used; {@code to} first not used; at least one
   */
  public static int nack(
      MemorySegment dst, long offset, int sender, int media, long[] sequences, int from, int to) {
    if (from >= to) {
      throw new IllegalArgumentException("a NACK names at least one packet");
    }
    long at = offset + 12;
    int i = from;
    while (i < to) {
      long first = sequences[i++];
      int following = 0;
      while (i < to && sequences[i] - first <= 16) {
        if (sequences[i] > first) {
          following |= 1 << (sequences[i] - first - 1);
        }
        i++;
      }
      put16(dst, at, (int) first);
      put16(dst, at + 2, following);
      at += 4;
    }
    int length = (int) (at - offset);
    feedbackHeader(dst, offset, RtcpCompound.FMT_NACK, RtcpCompound.RTPFB, length, sender, media);
    return length;
  }

  /** Tells a receiver's clock, so that the sender's echo measures the round trip. */
  public static int referenceTime(MemorySegment dst, long offset, int sender, long ntp) {
    RtcpCompound.header(dst, offset, 0, RtcpCompound.XR, REFERENCE_TIME_LENGTH);
    put32(dst, offset + 4, sender);
    put32(dst, offset + 8, RtcpCompound.XR_REFERENCE_TIME << 24 | 2);
    put64(dst, offset + 12, ntp);
    return REFERENCE_TIME_LENGTH;
  }

  /**
   * Echoes a receiver's clock.
   *
   * @param reference middle 32 bits of its time; {@code delay} since it came, in 1/65,536 s
   */
  public static int delaySinceReference(
      MemorySegment dst, long offset, int sender, int receiver, int reference, int delay) {
    RtcpCompound.header(dst, offset, 0, RtcpCompound.XR, DELAY_SINCE_LENGTH);
    put32(dst, offset + 4, sender);
    put32(dst, offset + 8, RtcpCompound.XR_DELAY_SINCE << 24 | 3);
    put32(dst, offset + 12, receiver);
    put32(dst, offset + 16, reference);
    put32(dst, offset + 20, delay);
    return DELAY_SINCE_LENGTH;
  }

  /** Picture loss indication. */
  public static int pictureLoss(MemorySegment dst, long offset, int sender, int media) {
    feedbackHeader(dst, offset, RtcpCompound.FMT_PLI, RtcpCompound.PSFB, PLI_LENGTH, sender, media);
    return PLI_LENGTH;
  }

  /**
   * Full intra request for one source.
   *
   * @param commandNumber grows by one per new request, kept for a repetition, modulo 256
   */
  public static int fullIntraRequest(
      MemorySegment dst, long offset, int sender, int media, int commandNumber) {
    // The header's media source is unused and 0 (RFC 5104 §4.3.1.2).
    feedbackHeader(dst, offset, RtcpCompound.FMT_FIR, RtcpCompound.PSFB, FIR_LENGTH, sender, 0);
    put32(dst, offset + 12, media);
    put8(dst, offset + 16, commandNumber);
    put24(dst, offset + 17, 0);
    return FIR_LENGTH;
  }

  /**
   * Receiver estimated maximum bitrate.
   *
   * @param bitrateBps rounded down to 18 significant bits
   * @param ssrcCount of {@code ssrcs}, to 255
   */
  public static int receiverEstimatedBitrate(
      MemorySegment dst, long offset, int sender, long bitrateBps, int[] ssrcs, int ssrcCount) {
    if (bitrateBps < 0 || ssrcCount > 255) {
      throw new IllegalArgumentException(bitrateBps + " bit/s for " + ssrcCount + " sources");
    }
    int exponent = Math.max(0, 64 - Long.numberOfLeadingZeros(bitrateBps) - 18);
    int length = 20 + 4 * ssrcCount;
    feedbackHeader(dst, offset, RtcpCompound.FMT_AFB, RtcpCompound.PSFB, length, sender, 0);
    put32(dst, offset + 12, RtcpCompound.REMB_IDENTIFIER);
    put8(dst, offset + 16, ssrcCount);
    put24(dst, offset + 17, exponent << 18 | (int) (bitrateBps >> exponent));
    for (int i = 0; i < ssrcCount; i++) {
      put32(dst, offset + 20 + 4L * i, ssrcs[i]);
    }
    return length;
  }

  static void feedbackHeader(
      MemorySegment dst, long offset, int format, int type, int length, int sender, int media) {
    RtcpCompound.header(dst, offset, format, type, length);
    put32(dst, offset + 4, sender);
    put32(dst, offset + 8, media);
  }

  /** Length of the RTCP packet at {@code offset}, as its header tells. */
  public static int packetLength(MemorySegment packet, long offset) {
    return 4 + 4 * u16(packet, offset + 2);
  }
}
