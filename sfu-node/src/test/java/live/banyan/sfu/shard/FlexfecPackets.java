package live.banyan.sfu.shard;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Repair packets of flexfec-03 byte by byte, as libwebrtc makes them and independent of the
 * product's reader: extensions that are written after the repair is made count as zero.
 */
public final class FlexfecPackets {
  private FlexfecPackets() {}

  /**
   * The payload of a repair packet.
   *
   * @param packets what it protects, in order; at most 108 sequence numbers from first to last
   */
  public static byte[] protect(List<byte[]> packets) {
    int base = RtpPackets.sequence(packets.getFirst());
    boolean[] mask = new boolean[109];
    byte[] recovery = new byte[8];
    byte[] payload = new byte[0];
    for (byte[] packet : packets) {
      mask[RtpPackets.sequence(packet) - base & 0xFFFF] = true;
      byte[] first = Arrays.copyOf(packet, 8);
      ByteBuffer.wrap(first).putShort(2, (short) (packet.length - 12));
      xor(recovery, first, 0);
      payload = Arrays.copyOf(payload, Math.max(payload.length, packet.length - 12));
      xor(payload, packet, 12);
    }
    int bits = 108;
    while (!mask[bits]) {
      bits--;
    }
    int header = bits < 15 ? 20 : bits < 46 ? 24 : 32;
    ByteBuffer out = ByteBuffer.allocate(header + payload.length);
    recovery[0] &= 0x3F;
    out.put(recovery).put((byte) 1).put(new byte[3]);
    out.putInt(RtpPackets.ssrc(packets.getFirst())).putShort((short) base);
    part(out, mask, 0, 15, header == 20);
    if (header > 20) {
      part(out, mask, 15, 31, header == 24);
    }
    if (header > 24) {
      part(out, mask, 46, 63, true);
    }
    return out.put(payload).array();
  }

  private static void part(ByteBuffer out, boolean[] mask, int from, int count, boolean last) {
    long bits = last ? 1 : 0;
    for (int i = from; i < from + count; i++) {
      bits = bits << 1 | (mask[i] ? 1 : 0);
    }
    for (int shift = count + 1 - 8; shift >= 0; shift -= 8) {
      out.put((byte) (bits >>> shift));
    }
  }

  private static void xor(byte[] into, byte[] from, int offset) {
    for (int i = 0; i < into.length && offset + i < from.length; i++) {
      into[i] ^= from[offset + i];
    }
  }
}
