package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * AEAD_AES_128_GCM (RFC 7714). RTP: header as associated data, ciphertext, tag. RTCP: first 8 bytes
 * and the index word as associated data, ciphertext, tag, index word.
 */
final class GcmTransform implements SrtpTransform {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int ENCRYPTED_FLAG = 0x8000_0000;
  private static final int RTCP_CLEAR = 8;
  private static final int INDEX_LENGTH = 4;

  private final Aead rtp;
  private final Aead rtcp;
  private int rtpSaltHead;
  private long rtpSaltTail;
  private int rtcpSaltHead;
  private long rtcpSaltTail;

  GcmTransform(Aead rtp, byte[] rtpSalt, Aead rtcp, byte[] rtcpSalt) {
    this.rtp = rtp;
    this.rtcp = rtcp;
    rtpSaltHead = MemorySegment.ofArray(rtpSalt).get(INT, 0);
    rtpSaltTail = tail(rtpSalt);
    rtcpSaltHead = MemorySegment.ofArray(rtcpSalt).get(INT, 0);
    rtcpSaltTail = tail(rtcpSalt);
  }

  private static long tail(byte[] salt) {
    return MemorySegment.ofArray(salt)
        .get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN), 4);
  }

  /** RFC 7714 §8.1 and §9.1: two zero bytes, SSRC, 48-bit index, all XOR the salt. */
  private static int nonceHead(int ssrc, int saltHead) {
    return (ssrc >>> 16) ^ saltHead;
  }

  private static long nonceTail(int ssrc, long index, long saltTail) {
    return ((ssrc & 0xFFFFL) << 48 | index) ^ saltTail;
  }

  @Override
  public int rtpOverhead() {
    return Aead.TAG_LENGTH;
  }

  @Override
  public int rtcpOverhead() {
    return Aead.TAG_LENGTH + INDEX_LENGTH;
  }

  @Override
  public int rtcpIndexFromEnd() {
    return INDEX_LENGTH;
  }

  @Override
  public void sealRtp(
      int ssrc,
      long index,
      MemorySegment packet,
      long offset,
      int headerLength,
      MemorySegment payload,
      long payloadOffset,
      int payloadLength) {
    rtp.seal(
        nonceHead(ssrc, rtpSaltHead),
        nonceTail(ssrc, index, rtpSaltTail),
        packet,
        offset,
        headerLength,
        0,
        0,
        payload,
        payloadOffset,
        payloadLength,
        offset + headerLength);
  }

  @Override
  public boolean openRtp(
      int ssrc, long index, MemorySegment packet, long offset, int headerLength, int length) {
    return rtp.open(
        nonceHead(ssrc, rtpSaltHead),
        nonceTail(ssrc, index, rtpSaltTail),
        packet,
        offset,
        headerLength,
        0,
        0,
        offset + headerLength,
        length - headerLength);
  }

  @Override
  public void sealRtcp(int ssrc, int index, MemorySegment packet, long offset, int length) {
    long indexAt = offset + length + Aead.TAG_LENGTH;
    packet.set(INT, indexAt, index | ENCRYPTED_FLAG);
    rtcp.seal(
        nonceHead(ssrc, rtcpSaltHead),
        nonceTail(ssrc, index, rtcpSaltTail),
        packet,
        offset,
        RTCP_CLEAR,
        indexAt,
        INDEX_LENGTH,
        packet,
        offset + RTCP_CLEAR,
        length - RTCP_CLEAR,
        offset + RTCP_CLEAR);
  }

  @Override
  public boolean openRtcp(int ssrc, int index, MemorySegment packet, long offset, int length) {
    return rtcp.open(
        nonceHead(ssrc, rtcpSaltHead),
        nonceTail(ssrc, index, rtcpSaltTail),
        packet,
        offset,
        RTCP_CLEAR,
        offset + length - INDEX_LENGTH,
        INDEX_LENGTH,
        offset + RTCP_CLEAR,
        length - RTCP_CLEAR - INDEX_LENGTH);
  }

  @Override
  public void close() {
    rtp.close();
    rtcp.close();
    rtpSaltHead = 0;
    rtpSaltTail = 0;
    rtcpSaltHead = 0;
    rtcpSaltTail = 0;
  }
}
