package live.banyan.sfu.shard;

import java.nio.ByteBuffer;
import java.util.Map;

/** RTP packets byte by byte, independent of the product's own writer. */
final class RtpPackets {
  private RtpPackets() {}

  static byte[] packet(
      int ssrc,
      int payloadType,
      int sequence,
      int timestamp,
      boolean marker,
      Map<Integer, byte[]> extensions,
      byte[] payload) {
    ByteBuffer b = ByteBuffer.allocate(1600);
    b.put((byte) (extensions.isEmpty() ? 0x80 : 0x90));
    b.put((byte) ((marker ? 0x80 : 0) | payloadType));
    b.putShort((short) sequence).putInt(timestamp).putInt(ssrc);
    if (!extensions.isEmpty()) {
      b.putShort((short) 0xBEDE).putShort((short) 0);
      int start = b.position();
      extensions.forEach((id, value) -> b.put((byte) (id << 4 | value.length - 1)).put(value));
      while ((b.position() - start) % 4 != 0) {
        b.put((byte) 0);
      }
      b.putShort(start - 2, (short) ((b.position() - start) / 4));
    }
    b.put(payload);
    byte[] out = new byte[b.position()];
    b.flip().get(out);
    return out;
  }

  /** A VP8 payload with a 15-bit picture id and TL0PICIDX whose body tells what it is. */
  static byte[] vp8(boolean first, boolean key, int pictureId, int tl0, int size, int body) {
    ByteBuffer b = ByteBuffer.allocate(size);
    b.put((byte) (0x80 | (first ? 0x10 : 0))).put((byte) 0xC0);
    b.putShort((short) (0x8000 | pictureId)).put((byte) tl0);
    b.put((byte) (key ? 0 : 1));
    b.putInt(body);
    return b.array();
  }

  static int bodyOf(byte[] vp8Packet, int payloadAt) {
    return ByteBuffer.wrap(vp8Packet).getInt(payloadAt + 6);
  }

  static int headerLength(byte[] packet) {
    int length = 12 + 4 * (packet[0] & 15);
    return (packet[0] & 0x10) == 0
        ? length
        : length + 4 + 4 * (ByteBuffer.wrap(packet).getShort(length + 2) & 0xFFFF);
  }

  static boolean isRtcp(byte[] packet) {
    int type = packet[1] & 0x7F;
    return (packet[0] & 0xC0) == 0x80 && type >= 64 && type < 96;
  }

  static boolean isRtp(byte[] packet) {
    return (packet[0] & 0xC0) == 0x80 && !isRtcp(packet);
  }

  static int ssrc(byte[] packet) {
    return ByteBuffer.wrap(packet).getInt(8);
  }

  static int sequence(byte[] packet) {
    return ByteBuffer.wrap(packet).getShort(2) & 0xFFFF;
  }

  static int timestamp(byte[] packet) {
    return ByteBuffer.wrap(packet).getInt(4);
  }

  static int payloadType(byte[] packet) {
    return packet[1] & 0x7F;
  }
}
