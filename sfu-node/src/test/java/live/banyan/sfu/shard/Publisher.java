package live.banyan.sfu.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Makes the packets of one VP8 encoding, frame by frame, and repeats those that are asked for. */
final class Publisher {
  static final int PACKETS_PER_FRAME = 4;

  final int ssrc;
  final int rtxSsrc;
  final int payloadType;
  private final Map<Integer, byte[]> extensions;
  private final Map<Integer, byte[]> sent = new HashMap<>();
  private int sequence;
  private int rtxSequence = 5;
  private int timestamp;
  private int pictureId;
  private int body;

  Publisher(
      int ssrc, int rtxSsrc, int payloadType, int firstSequence, Map<Integer, byte[]> extensions) {
    this.ssrc = ssrc;
    this.rtxSsrc = rtxSsrc;
    this.payloadType = payloadType;
    this.extensions = extensions;
    sequence = firstSequence;
    timestamp = ssrc * 7;
    pictureId = ssrc & 0x3FFF;
  }

  /** The next frame, a thirtieth of a second after the one before. */
  List<byte[]> frame(boolean key) {
    List<byte[]> packets = new ArrayList<>();
    timestamp += 3000;
    pictureId = pictureId + 1 & 0x7FFF;
    for (int i = 0; i < PACKETS_PER_FRAME; i++) {
      byte[] payload = RtpPackets.vp8(i == 0, key, pictureId, pictureId & 0xFF, 900 + i, body++);
      boolean last = i == PACKETS_PER_FRAME - 1;
      byte[] packet =
          RtpPackets.packet(ssrc, payloadType, sequence, timestamp, last, extensions, payload);
      sent.put(sequence, packet);
      packets.add(packet);
      sequence = sequence + 1 & 0xFFFF;
    }
    return packets;
  }

  int timestamp() {
    return timestamp;
  }

  int nextSequence() {
    return sequence;
  }

  /** An RTX packet for one that was sent (RFC 4588). */
  byte[] repeat(int asked, int rtxPayloadType) {
    byte[] original = sent.get(asked);
    if (original == null) {
      throw new IllegalStateException(asked + " was never sent");
    }
    int header = RtpPackets.headerLength(original);
    ByteBuffer payload = ByteBuffer.allocate(original.length - header + 2);
    payload.putShort((short) asked).put(original, header, original.length - header);
    return RtpPackets.packet(
        rtxSsrc,
        rtxPayloadType,
        rtxSequence++ & 0xFFFF,
        RtpPackets.timestamp(original),
        (original[1] & 0x80) != 0,
        Map.of(),
        payload.array());
  }
}
