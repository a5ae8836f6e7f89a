package live.banyan.sfu.rtcp;

import java.lang.foreign.MemorySegment;

/**
 * What {@link RtcpCompound#walk} tells, in the order of the packets. SSRCs and timestamps are the
 * 32 bits as they are. Everything does nothing unless overridden.
 */
public interface RtcpVisitor {
  /**
   * RFC 3550 §6.4.1.
   *
   * @param ntp UQ32.32, see {@link live.banyan.sfu.rtp.NtpTime}
   * @param packets sent so far, low 32 bits; {@code octets} likewise
   */
  default void senderReport(int ssrc, long ntp, int rtpTimestamp, int packets, int octets) {}

  /** RFC 3550 §6.4.2; follows with its blocks. */
  default void receiverReport(int ssrc) {}

  /**
   * A block of a sender or receiver report.
   *
   * @param reporter the SSRC that reports
   * @param source the SSRC reported about
   * @param fractionLost since the last report, of 256
   * @param cumulativeLost -2^23 to 2^23 - 1; duplicates make it negative
   * @param highestSequence extended by the receiver's count of cycles, 0 to 2^32 - 1
   * @param jitter in timestamp units, 0 to 2^32 - 1
   * @param lastSenderReport middle 32 bits of the NTP time of the last report; 0 for none
   * @param delaySinceLast in 1/65,536 s
   */
  default void reportBlock(
      int reporter,
      int source,
      int fractionLost,
      int cumulativeLost,
      long highestSequence,
      long jitter,
      int lastSenderReport,
      int delaySinceLast) {}

  /** A source's CNAME, 0 to 255 bytes of UTF-8 at {@code offset} (RFC 3550 §6.5.1). */
  default void cname(int ssrc, MemorySegment segment, long offset, int length) {}

  /** One source that left (RFC 3550 §6.6). */
  default void bye(int ssrc) {}

  /** One lost packet, 0 to 65,535; called for every packet of a generic NACK (RFC 4585 §6.2.1). */
  default void nack(int sender, int media, int sequence) {}

  /** A receiver's clock, for {@link #delaySinceReference} to come back (RFC 3611 §4.4). */
  default void referenceTime(int sender, long ntp) {}

  /**
   * The echo of a reference time (RFC 3611 §4.5).
   *
   * @param receiver whose reference time it was
   * @param reference middle 32 bits of that time; {@code delay} since it came, in 1/65,536 s
   */
  default void delaySinceReference(int sender, int receiver, int reference, int delay) {}

  /** RFC 4585 §6.3.1. */
  default void pictureLoss(int sender, int media) {}

  /** One entry of a FIR; a repeated {@code commandNumber} is the same request (RFC 5104 §4.3.1). */
  default void fullIntraRequest(int sender, int media, int commandNumber) {}

  /**
   * draft-alvestrand-rmcat-remb-03 §2.
   *
   * @param bitrateBps saturates at Long.MAX_VALUE
   * @param ssrcsOffset where {@code ssrcCount} SSRCs of 4 bytes are
   */
  default void receiverEstimatedBitrate(
      int sender, long bitrateBps, MemorySegment segment, long ssrcsOffset, int ssrcCount) {}

  /**
   * Transport-wide congestion control feedback, already validated: read it with {@link
   * TransportFeedback#parse}.
   */
  default void transportFeedback(
      int sender, int media, MemorySegment segment, long offset, int length) {}

  /**
   * Congestion control feedback by stream (RFC 8888), already validated: read it with {@link
   * CongestionFeedback#parse}.
   */
  default void congestionFeedback(int sender, MemorySegment segment, long offset, int length) {}
}
