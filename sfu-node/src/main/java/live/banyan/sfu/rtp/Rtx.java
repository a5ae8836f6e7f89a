package live.banyan.sfu.rtp;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.packet.NetworkOrder;

/**
 * Retransmission payload format (RFC 4588 §4): the original sequence number (OSN) in two bytes,
 * then the original payload. Stateless, any thread.
 */
public final class Rtx {
  /** Bytes of the original sequence number. */
  public static final int OSN_LENGTH = 2;

  private Rtx() {}

  /**
   * Sequence number of the packet that an RTX packet repeats.
   *
   * @param payloadLength without padding; RTX padding probes carry none
   * @return 0 to 65,535, or -1 where the payload is too short to be a repetition
   */
  public static int originalSequence(MemorySegment packet, long payloadOffset, int payloadLength) {
    return payloadLength < OSN_LENGTH ? -1 : NetworkOrder.u16(packet, payloadOffset);
  }

  /**
   * Restores the original packet in place: it begins at {@code offset + OSN_LENGTH} and is {@code
   * OSN_LENGTH} bytes shorter. The header moves, the payload stays.
   *
   * @param headerLength of a packet that {@link RtpHeader#check} accepted and whose payload is at
   *     least {@link #OSN_LENGTH} bytes
   */
  public static void restore(
      MemorySegment packet, long offset, int headerLength, int originalPayloadType, int ssrc) {
    int sequence = NetworkOrder.u16(packet, offset + headerLength);
    MemorySegment.copy(packet, offset, packet, offset + OSN_LENGTH, headerLength);
    long restored = offset + OSN_LENGTH;
    RtpHeader.setPayloadType(packet, restored, originalPayloadType);
    RtpHeader.setSequence(packet, restored, sequence);
    RtpHeader.setSsrc(packet, restored, ssrc);
  }
}
