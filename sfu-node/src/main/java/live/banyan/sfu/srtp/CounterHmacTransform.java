package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * AES128_CM_SHA1_80 (RFC 3711 §4.1.1, §4.2.1). RTP: header, ciphertext, tag over both and the
 * rollover counter. RTCP: first 8 bytes, ciphertext, index word, tag over all of it.
 */
final class CounterHmacTransform implements SrtpTransform {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final int ENCRYPTED_FLAG = 0x8000_0000;
  private static final int RTCP_CLEAR = 8;
  private static final int INDEX_LENGTH = 4;
  private static final int ROLLOVER_LENGTH = 4;

  private final CounterMode rtpCipher;
  private final PacketMac rtpMac;
  private final CounterMode rtcpCipher;
  private final PacketMac rtcpMac;
  private long rtpSaltHigh;
  private long rtpSaltLow;
  private long rtcpSaltHigh;
  private long rtcpSaltLow;

  CounterHmacTransform(
      CounterMode rtpCipher,
      PacketMac rtpMac,
      byte[] rtpSalt,
      CounterMode rtcpCipher,
      PacketMac rtcpMac,
      byte[] rtcpSalt) {
    this.rtpCipher = rtpCipher;
    this.rtpMac = rtpMac;
    this.rtcpCipher = rtcpCipher;
    this.rtcpMac = rtcpMac;
    rtpSaltHigh = MemorySegment.ofArray(rtpSalt).get(LONG, 0);
    rtpSaltLow = MemorySegment.ofArray(rtpSalt).get(LONG, 6) << 16;
    rtcpSaltHigh = MemorySegment.ofArray(rtcpSalt).get(LONG, 0);
    rtcpSaltLow = MemorySegment.ofArray(rtcpSalt).get(LONG, 6) << 16;
  }

  /** IV = (salt * 2^16) XOR (SSRC * 2^64) XOR (index * 2^16). */
  private static long blockHigh(int ssrc, long saltHigh) {
    return (ssrc & 0xFFFF_FFFFL) ^ saltHigh;
  }

  private static long blockLow(long index, long saltLow) {
    return (index << 16) ^ saltLow;
  }

  @Override
  public int rtpOverhead() {
    return PacketMac.TAG_LENGTH;
  }

  @Override
  public int rtcpOverhead() {
    return INDEX_LENGTH + PacketMac.TAG_LENGTH;
  }

  @Override
  public int rtcpIndexFromEnd() {
    return INDEX_LENGTH + PacketMac.TAG_LENGTH;
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
    rtpCipher.apply(
        blockHigh(ssrc, rtpSaltHigh),
        blockLow(index, rtpSaltLow),
        payload,
        payloadOffset,
        payloadLength,
        packet,
        offset + headerLength);
    int length = headerLength + payloadLength;
    // The rollover counter is authenticated, not sent: it stands where the tag will.
    packet.set(INT, offset + length, (int) (index >>> 16));
    rtpMac.compute(packet, offset, length + ROLLOVER_LENGTH);
    writeTag(rtpMac, packet, offset + length);
  }

  @Override
  public boolean openRtp(
      int ssrc, long index, MemorySegment packet, long offset, int headerLength, int length) {
    int plain = length - PacketMac.TAG_LENGTH;
    long head = packet.get(LONG, offset + plain);
    short tail = packet.get(SHORT, offset + plain + 8);
    packet.set(INT, offset + plain, (int) (index >>> 16));
    rtpMac.compute(packet, offset, plain + ROLLOVER_LENGTH);
    if (!isTag(rtpMac, head, tail)) {
      return false;
    }
    rtpCipher.apply(
        blockHigh(ssrc, rtpSaltHigh),
        blockLow(index, rtpSaltLow),
        packet,
        offset + headerLength,
        plain - headerLength,
        packet,
        offset + headerLength);
    return true;
  }

  @Override
  public void sealRtcp(int ssrc, int index, MemorySegment packet, long offset, int length) {
    applyRtcp(ssrc, index, packet, offset, length);
    packet.set(INT, offset + length, index | ENCRYPTED_FLAG);
    int authenticated = length + INDEX_LENGTH;
    rtcpMac.compute(packet, offset, authenticated);
    writeTag(rtcpMac, packet, offset + authenticated);
  }

  @Override
  public boolean openRtcp(int ssrc, int index, MemorySegment packet, long offset, int length) {
    int authenticated = length - PacketMac.TAG_LENGTH;
    rtcpMac.compute(packet, offset, authenticated);
    long head = packet.get(LONG, offset + authenticated);
    if (!isTag(rtcpMac, head, packet.get(SHORT, offset + authenticated + 8))) {
      return false;
    }
    applyRtcp(ssrc, index, packet, offset, authenticated - INDEX_LENGTH);
    return true;
  }

  private static void writeTag(PacketMac mac, MemorySegment packet, long at) {
    packet.set(LONG, at, mac.head());
    packet.set(SHORT, at + 8, mac.tail());
  }

  /** Takes the same time wherever the tags differ. */
  private static boolean isTag(PacketMac mac, long head, short tail) {
    return ((mac.head() ^ head) | (mac.tail() ^ tail)) == 0;
  }

  private void applyRtcp(int ssrc, int index, MemorySegment packet, long offset, int length) {
    rtcpCipher.apply(
        blockHigh(ssrc, rtcpSaltHigh),
        blockLow(index, rtcpSaltLow),
        packet,
        offset + RTCP_CLEAR,
        length - RTCP_CLEAR,
        packet,
        offset + RTCP_CLEAR);
  }

  @Override
  public void close() {
    rtpCipher.close();
    rtpMac.close();
    rtcpCipher.close();
    rtcpMac.close();
    rtpSaltHigh = 0;
    rtpSaltLow = 0;
    rtcpSaltHigh = 0;
    rtcpSaltLow = 0;
  }
}
