package live.banyan.sfu.packet;

import java.lang.foreign.MemorySegment;

/**
 * SRTP and SRTCP protection for one direction pair of one transport (RFC 3711, RFC 7714). Keeps the
 * rollover counter per SSRC and the replay window. Not thread safe: owned by the shard of its
 * transport. No call allocates once an SSRC has been seen.
 */
public interface PacketCipher extends AutoCloseable {
  /**
   * Longest growth of any protected packet, in bytes: SRTCP index (4) + GCM tag (16) or SHA-1 tag
   * (10).
   */
  int MAX_OVERHEAD = 24;

  /** Result of an {@code unprotect} that failed authentication. */
  int FORGED = -1;

  /** Result of an {@code unprotect} that repeats a packet or is older than the replay window. */
  int REPLAYED = -2;

  /** Result for a packet too short to be what it claims, or one SSRC more than the bound. */
  int MALFORMED = -3;

  /**
   * Protects one RTP packet. Header and payload are read from two places, so that a rewritten
   * header and a cached payload meet in the send slot without a copy of the payload.
   *
   * @param extendedSequence 48-bit packet index (ROC &lt;&lt; 16 | SEQ); the low 16 bits must equal
   *     the header's. The pair (SSRC, index) must never be used with two different contents. The
   *     first packet of an SSRC under a key must have ROC 0, which is what its receiver assumes; it
   *     should have a SEQ below 2^15, or loss across the first wrap leaves the receiver with the
   *     wrong ROC for good (RFC 3711 §3.3.1)
   * @param header the RTP header, extensions included, already at {@code dst[dstOffset]}
   * @param headerLength bytes of header at {@code dst[dstOffset]}
   * @return total length of the protected packet at {@code dst[dstOffset]}
   */
  int protectRtp(
      long extendedSequence,
      MemorySegment dst,
      long dstOffset,
      int headerLength,
      MemorySegment payload,
      long payloadOffset,
      int payloadLength);

  /** Unprotects in place. @return the RTP packet's length, or FORGED, REPLAYED or MALFORMED. */
  int unprotectRtp(MemorySegment packet, long offset, int length);

  /**
   * Protects a compound RTCP packet in place (room for {@link #MAX_OVERHEAD}). @return its length,
   * or 0 (send nothing) once the 2^31 indices of a key are used up (RFC 3711 §9.2).
   */
  int protectRtcp(MemorySegment packet, long offset, int length);

  /** Unprotects in place. @return the RTCP packet's length, or FORGED, REPLAYED or MALFORMED. */
  int unprotectRtcp(MemorySegment packet, long offset, int length);

  /** Wipes the keys and frees native state. */
  @Override
  void close();
}
