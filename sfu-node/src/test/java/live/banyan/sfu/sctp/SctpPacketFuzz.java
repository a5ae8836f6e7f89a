package live.banyan.sfu.sctp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import live.banyan.fuzz.FuzzInput;

/** One SCTP packet, or one message of DCEP: what is read is written and read again as the same. */
public final class SctpPacketFuzz {
  private SctpPacketFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    FuzzInput input = new FuzzInput(data);
    if (input.flag()) {
      channel(input.rest());
    } else {
      packet(input.rest());
    }
  }

  private static void packet(byte[] bytes) {
    PacketReader.checksumFits(bytes);
    PacketReader.Packet packet = PacketReader.read(bytes);
    if (packet == null) {
      return;
    }
    assertTrue(packet.chunks().size() <= bytes.length / 4);
    packet.belongs(1, 2);
    for (Chunk chunk : packet.chunks()) {
      if (isWritten(chunk)) {
        byte[] once = encoded(chunk);
        PacketReader.Packet again = PacketReader.read(once);
        assertNotNull(again, chunk::toString);
        assertEquals(1, again.chunks().size());
        assertArrayEquals(once, encoded(again.chunks().getFirst()));
      }
    }
  }

  /** A node asks for nothing that it does not grant. */
  private static boolean isWritten(Chunk chunk) {
    return switch (chunk) {
      case Chunk.Unknown unknown -> false;
      case Chunk.Reconfig reconfig ->
          reconfig.parameters().stream().noneMatch(p -> p instanceof Chunk.Reset.Other);
      default -> true;
    };
  }

  private static byte[] encoded(Chunk chunk) {
    byte[] bytes = PacketWriter.encode(chunk);
    PacketWriter writer = new PacketWriter(PacketReader.HEADER_BYTES + bytes.length, 7);
    writer.chunk(bytes);
    return writer.seal();
  }

  private static void channel(byte[] message) {
    Dcep.isAck(message);
    ChannelTerms terms = Dcep.readOpen(message);
    if (terms != null) {
      byte[] open = Dcep.open(terms);
      assertEquals(terms, Dcep.readOpen(open));
      assertTrue(Arrays.equals(open, Dcep.open(terms)));
    }
  }
}
