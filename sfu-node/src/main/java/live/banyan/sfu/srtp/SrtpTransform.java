package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;

/**
 * Sealing and opening of single packets under the session keys of one direction: what a profile
 * (RFC 3711, RFC 7714) says about bytes, without memory of packets. Lengths have been checked by
 * the caller; nothing here keeps state between packets.
 */
interface SrtpTransform extends AutoCloseable {
  /** Bytes that sealing adds to an RTP packet. */
  int rtpOverhead();

  /** Bytes that sealing adds to an RTCP packet. */
  int rtcpOverhead();

  /** Where the word with the E flag and the SRTCP index lies, counted from the packet's end. */
  int rtcpIndexFromEnd();

  /**
   * Encrypts a payload to behind its header and authenticates both.
   *
   * @param index 48-bit packet index
   * @param offset where the header lies in {@code packet}
   */
  void sealRtp(
      int ssrc,
      long index,
      MemorySegment packet,
      long offset,
      int headerLength,
      MemorySegment payload,
      long payloadOffset,
      int payloadLength);

  /**
   * Authenticates and decrypts in place. After a false the payload's bytes are undefined.
   *
   * @param length of the sealed packet
   */
  boolean openRtp(
      int ssrc, long index, MemorySegment packet, long offset, int headerLength, int length);

  /**
   * Encrypts all but the first 8 bytes in place, appends index and tag.
   *
   * @param index 31-bit SRTCP index
   * @param length of the plain packet, at least 8
   */
  void sealRtcp(int ssrc, int index, MemorySegment packet, long offset, int length);

  /** Opens an encrypted RTCP packet in place. @param length of the sealed packet */
  boolean openRtcp(int ssrc, int index, MemorySegment packet, long offset, int length);

  /** Wipes the keys. May be called again. */
  @Override
  void close();
}
