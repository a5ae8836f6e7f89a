package live.banyan.sfu.srtp;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;
import live.banyan.sfu.packet.PacketCipher;

/**
 * One transport's SRTP: what RFC 3711 §3.3 and §3.4 say about packets in a row (index, rollover,
 * replay), over two {@link SrtpTransform}s that know the bytes. Works on native memory alone.
 */
final class SrtpCipher implements PacketCipher {
  /** A burst of 1,024 packets is about 4 s of 2.5 Mbit/s; what is later is of no use. */
  private static final int RTP_WINDOW = 1024;

  private static final int RTCP_WINDOW = 128;
  private static final int RTP_FIXED_HEADER = 12;
  private static final int RTCP_CLEAR = 8;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final SrtpTransform outbound;
  private final SrtpTransform inbound;
  private final SsrcWindows rtpWindows;
  private final SsrcWindows rtcpWindows;

  /** Shared by all SSRCs that send here, which keeps (SSRC, index) unique; -1 when used up. */
  private int nextRtcpIndex;

  private boolean closed;

  SrtpCipher(SrtpTransform outbound, SrtpTransform inbound, int receiveSsrcsMax) {
    this.outbound = outbound;
    this.inbound = inbound;
    rtpWindows = new SsrcWindows(receiveSsrcsMax);
    rtcpWindows = new SsrcWindows(receiveSsrcsMax);
  }

  @Override
  public int protectRtp(
      long extendedSequence,
      MemorySegment dst,
      long dstOffset,
      int headerLength,
      MemorySegment payload,
      long payloadOffset,
      int payloadLength) {
    requireOpen();
    int total = headerLength + payloadLength + outbound.rtpOverhead();
    checkRange(dst, dstOffset, total);
    checkRange(payload, payloadOffset, payloadLength);
    if (headerLength < RTP_FIXED_HEADER
        || extendedSequence >>> 48 != 0
        || (short) extendedSequence != dst.get(SHORT, dstOffset + 2)) {
      throw new IllegalArgumentException(
          "index " + extendedSequence + " does not belong to the header");
    }
    int ssrc = dst.get(INT, dstOffset + 8);
    outbound.sealRtp(
        ssrc,
        extendedSequence,
        dst,
        dstOffset,
        headerLength,
        payload,
        payloadOffset,
        payloadLength);
    return total;
  }

  @Override
  public int unprotectRtp(MemorySegment packet, long offset, int length) {
    requireOpen();
    checkRange(packet, offset, length);
    int headerLength = rtpHeaderLength(packet, offset, length - inbound.rtpOverhead());
    if (headerLength < 0) {
      return MALFORMED;
    }
    int ssrc = packet.get(INT, offset + 8);
    int sequence = packet.get(SHORT, offset + 2) & 0xFFFF;
    ReplayWindow window = rtpWindows.find(ssrc);
    if (window == null && rtpWindows.isFull()) {
      return MALFORMED;
    }
    // Of the first packet the rollover counter is 0 (RFC 3711 §3.3.1).
    long index = window == null ? sequence : window.estimate(sequence);
    if (index < 0 || (window != null && window.refuses(index))) {
      return REPLAYED;
    }
    if (index >>> 48 != 0) {
      return MALFORMED;
    }
    if (!inbound.openRtp(ssrc, index, packet, offset, headerLength, length)) {
      return FORGED;
    }
    if (window == null) {
      rtpWindows.add(ssrc, new ReplayWindow(RTP_WINDOW, index));
    } else {
      window.accept(index);
    }
    return length - inbound.rtpOverhead();
  }

  /**
   * Length of fixed header, CSRCs and extension (RFC 3550 §5.1, §5.3.1).
   *
   * @param room bytes that header and payload have together
   * @return -1 when the header does not fit or is of another version
   */
  private static int rtpHeaderLength(MemorySegment packet, long offset, int room) {
    if (room < RTP_FIXED_HEADER) {
      return -1;
    }
    int first = packet.get(ValueLayout.JAVA_BYTE, offset);
    if ((first & 0xC0) != 0x80) {
      return -1;
    }
    int length = RTP_FIXED_HEADER + 4 * (first & 0x0F);
    if ((first & 0x10) != 0) {
      if (length + 4 > room) {
        return -1;
      }
      length += 4 + 4 * (packet.get(SHORT, offset + length + 2) & 0xFFFF);
    }
    return length <= room ? length : -1;
  }

  @Override
  public int protectRtcp(MemorySegment packet, long offset, int length) {
    requireOpen();
    int total = length + outbound.rtcpOverhead();
    checkRange(packet, offset, total);
    if (length < RTCP_CLEAR) {
      throw new IllegalArgumentException("RTCP of " + length + " bytes");
    }
    if (nextRtcpIndex < 0) {
      return 0;
    }
    outbound.sealRtcp(packet.get(INT, offset + 4), nextRtcpIndex++, packet, offset, length);
    return total;
  }

  @Override
  public int unprotectRtcp(MemorySegment packet, long offset, int length) {
    requireOpen();
    checkRange(packet, offset, length);
    if (length < RTCP_CLEAR + inbound.rtcpOverhead()
        || (packet.get(ValueLayout.JAVA_BYTE, offset) & 0xC0) != 0x80) {
      return MALFORMED;
    }
    int word = packet.get(INT, offset + length - inbound.rtcpIndexFromEnd());
    // The profiles negotiated here encrypt RTCP, so a clear E flag is somebody else's doing.
    if (word >= 0) {
      return FORGED;
    }
    int index = word & 0x7FFF_FFFF;
    int ssrc = packet.get(INT, offset + 4);
    ReplayWindow window = rtcpWindows.find(ssrc);
    if (window == null && rtcpWindows.isFull()) {
      return MALFORMED;
    }
    if (window != null && window.refuses(index)) {
      return REPLAYED;
    }
    if (!inbound.openRtcp(ssrc, index, packet, offset, length)) {
      return FORGED;
    }
    if (window == null) {
      rtcpWindows.add(ssrc, new ReplayWindow(RTCP_WINDOW, index));
    } else {
      window.accept(index);
    }
    return length - inbound.rtcpOverhead();
  }

  /** The transforms may hand out raw pointers, so the bounds are checked here. */
  private static void checkRange(MemorySegment segment, long offset, int length) {
    Objects.checkFromIndexSize(offset, length, segment.byteSize());
    if (!segment.isNative()) {
      throw new IllegalArgumentException("packets live in native memory");
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the cipher is closed");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    outbound.close();
    inbound.close();
  }
}
