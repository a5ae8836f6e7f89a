package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.packet.PacketCipher;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.rtp.SequenceExtender;
import live.banyan.sfu.rtp.SequenceNumbers;

/**
 * Seals nothing but keeps the books that a real cipher keeps: an index is used once per SSRC, and a
 * receiver's rollover counter guesses the sender's.
 */
final class IdentityCipher implements PacketCipher {
  private final Map<Integer, Map<Long, byte[]>> sent = new HashMap<>();
  private final Map<Integer, SequenceExtender> received = new HashMap<>();
  private final Map<Integer, Set<Long>> seen = new HashMap<>();
  private final Map<Integer, Long> lastIndex = new HashMap<>();
  private final boolean indexed;
  boolean closed;

  IdentityCipher() {
    this(false);
  }

  /**
   * Builds a cipher.
   *
   * @param indexed each packet carries its index in 8 more bytes, and one whose index the receiver
   *     guesses wrongly is forged, as it would be with a real cipher
   */
  IdentityCipher(boolean indexed) {
    this.indexed = indexed;
  }

  /** The index of the packet of this SSRC that was sealed last. */
  long lastIndex(int ssrc) {
    return lastIndex.getOrDefault(ssrc, -1L);
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
    if (extendedSequence < 0
        || RtpHeader.sequence(dst, dstOffset) != (int) (extendedSequence & 0xFFFF)) {
      throw new IllegalStateException("index " + extendedSequence + " is not the header's");
    }
    MemorySegment.copy(payload, payloadOffset, dst, dstOffset + headerLength, payloadLength);
    int length = headerLength + payloadLength;
    byte[] bytes = dst.asSlice(dstOffset, length).toArray(ValueLayout.JAVA_BYTE);
    int ssrc = RtpHeader.ssrc(dst, dstOffset);
    byte[] before =
        sent.computeIfAbsent(ssrc, s -> new HashMap<>()).putIfAbsent(extendedSequence, bytes);
    if (before != null && !java.util.Arrays.equals(before, bytes)) {
      throw new IllegalStateException("index " + extendedSequence + " used for two packets");
    }
    lastIndex.put(ssrc, extendedSequence);
    if (indexed) {
      NetworkOrder.put64(dst, dstOffset + length, extendedSequence);
      return length + 8;
    }
    return length;
  }

  /** Seals a packet of its own making, from index 0 on. */
  byte[] seal(byte[] packet) {
    int header = RtpPackets.headerLength(packet);
    MemorySegment sealed = MemorySegment.ofArray(new byte[packet.length + MAX_OVERHEAD]);
    MemorySegment payload = MemorySegment.ofArray(packet);
    MemorySegment.copy(payload, 0, sealed, 0, header);
    long last = lastIndex(RtpPackets.ssrc(packet));
    int sequence = RtpPackets.sequence(packet);
    long index = last < 0 ? sequence : SequenceNumbers.extend(last, sequence);
    int length = protectRtp(index, sealed, 0, header, payload, header, packet.length - header);
    return sealed.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public int unprotectRtp(MemorySegment packet, long offset, int length) {
    if (RtpHeader.checkHeader(packet, offset, length) < 0) {
      return MALFORMED;
    }
    int ssrc = RtpHeader.ssrc(packet, offset);
    SequenceExtender extender = received.computeIfAbsent(ssrc, s -> new SequenceExtender());
    int sequence = RtpHeader.sequence(packet, offset);
    int clear = indexed ? length - 8 : length;
    if (indexed && NetworkOrder.i64(packet, offset + clear) != extender.estimate(sequence)) {
      return FORGED;
    }
    long index = extender.extend(sequence);
    return seen.computeIfAbsent(ssrc, s -> new HashSet<>()).add(index) ? clear : REPLAYED;
  }

  @Override
  public int protectRtcp(MemorySegment packet, long offset, int length) {
    return length;
  }

  @Override
  public int unprotectRtcp(MemorySegment packet, long offset, int length) {
    return length < 8 ? MALFORMED : length;
  }

  @Override
  public void close() {
    closed = true;
  }
}
