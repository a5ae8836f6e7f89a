package live.banyan.sfu.depacket;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.Packets;

/** Frames that look like a codec's, and the packets that they become. */
final class TestStream {
  /** One packet of the stream. */
  record Packet(long index, int timestamp, boolean marker, MemorySegment payload, int frame) {}

  final List<byte[]> frames = new ArrayList<>();
  final List<Boolean> keyframes = new ArrayList<>();
  final List<Packet> packets = new ArrayList<>();

  TestStream(Codec codec, long seed, int count, int keyInterval, long firstIndex) {
    Random random = new Random(seed);
    Packetizer packetizer = Packetizer.of(codec, 100);
    for (int i = 0; i < count; i++) {
      boolean key = codec == Codec.OPUS || i % keyInterval == 0;
      byte[] frame = frame(codec, random, key);
      frames.add(frame);
      keyframes.add(key);
      int number = i;
      packetizer.packetize(
          frame,
          (payload, length, marker) ->
              packets.add(
                  new Packet(
                      firstIndex + packets.size(),
                      number * 3_000,
                      marker,
                      Packets.segment(Packets.slice(payload, 0, length)),
                      number)));
    }
  }

  private static byte[] frame(Codec codec, Random random, boolean key) {
    int length = 1 + random.nextInt(codec == Codec.OPUS ? 90 : 400);
    // No zeros: nothing that looks like a start code.
    byte[] body = new byte[length + 2];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) (1 + random.nextInt(255));
    }
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    switch (codec) {
      case OPUS -> frame.writeBytes(body);
      case VP8 -> {
        body[0] = (byte) (key ? 0x10 : 0x11);
        frame.writeBytes(body);
      }
      case VP9 -> {
        body[0] = (byte) (key ? 0x82 : 0x86);
        frame.writeBytes(body);
      }
      case H264 -> {
        body[0] = (byte) (key ? 0x65 : 0x41);
        body[1] |= (byte) 0x80;
        frame.writeBytes(Packets.bytes("00000001"));
        frame.writeBytes(body);
      }
      case AV1 -> {
        frame.writeBytes(Packets.bytes(key ? "1200 0a02aabb" : "1200"));
        frame.write(0x32);
        int rest = body.length;
        frame.writeBytes(
            rest < 128
                ? new byte[] {(byte) rest}
                : new byte[] {(byte) (rest & 0x7F | 0x80), (byte) (rest >> 7)});
        frame.writeBytes(body);
      }
    }
    return frame.toByteArray();
  }

  void send(FrameAssembler assembler, Packet packet, long nowNs) {
    assembler.packet(
        packet.index(),
        packet.timestamp(),
        packet.marker(),
        packet.payload(),
        0,
        (int) packet.payload().byteSize(),
        nowNs);
  }
}
