package live.banyan.sfu.sctp;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import live.banyan.fuzz.FuzzInput;

/**
 * A peer that knows ports, tag and checksum and sends what chunks it likes when it likes, before
 * and after both ends are up; and an owner that opens, sends, closes and shuts down.
 */
public final class SctpAssociationFuzz {
  private static final int STEPS_MAX = 64;
  private static final int PACKET_MAX = 1_200;

  private SctpAssociationFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    int start = input.u8();
    TwoEnds ends = new TwoEnds(1 + start % 3, TwoEnds.Link.GOOD);
    if ((start & 0x80) != 0) {
      ends.connected();
      ends.client.open(ChannelTerms.reliable("x"));
      ends.run(200);
    }
    int tag = tag(ends.packets);
    DataChannels victim = ends.server.channels;
    for (int i = 0; i < STEPS_MAX && !input.isEmpty() && !victim.isEnded(); i++) {
      ends.nowNs += input.u8() * 5_000_000L;
      int action = input.u8();
      switch (action) {
        case 0 -> victim.open(ChannelTerms.reliable("y"), ends.nowNs);
        case 1 -> victim.send(0, false, new byte[3_000], ends.nowNs);
        case 2 -> victim.close(0, ends.nowNs);
        case 3 -> victim.shutdown(ends.nowNs);
        case 4 -> victim.start(ends.nowNs);
        default -> victim.receive(packet(action == 5 ? 0 : tag, input.chunk()), ends.nowNs);
      }
      victim.onTimer(ends.nowNs);
      int bytesOut = 0;
      List<ChannelEvent> events = victim.take();
      for (ChannelEvent event : events) {
        if (event instanceof ChannelEvent.Transmit transmit) {
          bytesOut += transmit.packet().length;
        }
      }
      assertTrue(events.size() < 500, "answers are bounded");
      assertTrue(bytesOut < 600_000, "what leaves at once is bounded by the window");
      assertTrue(victim.bufferedBytes() <= 1024 * 1024);
      assertTrue(victim.deadlineNs() > ends.nowNs, "the timer has done what was due");
    }
  }

  private static byte[] packet(int tag, byte[] chunks) {
    int length = Math.min(chunks.length, PACKET_MAX);
    PacketWriter writer = new PacketWriter(PacketReader.HEADER_BYTES + length, tag);
    writer.chunk(length == chunks.length ? chunks : java.util.Arrays.copyOf(chunks, length));
    return writer.seal();
  }

  private static int tag(List<byte[]> packets) {
    for (byte[] packet : packets) {
      if (packet[PacketReader.HEADER_BYTES] == Chunk.COOKIE_ECHO) {
        return ByteBuffer.wrap(packet).getInt(4);
      }
    }
    return 1;
  }
}
