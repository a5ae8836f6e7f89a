package live.banyan.sfu.sctp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import live.banyan.sfu.sctp.TwoEnds.Link;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class HostilePacketsTest {
  /** Real packets of all kinds: set-up, data with loss, partial reliability, reset, shutdown. */
  private static List<byte[]> recorded(long seed) {
    TwoEnds ends = talk(seed);
    ends.client.channels.close(0, ends.nowNs);
    ends.client.drain();
    ends.run(3_000);
    ends.client.channels.shutdown(ends.nowNs);
    ends.client.drain();
    ends.run(10_000);
    return ends.packets;
  }

  private static TwoEnds talk(long seed) {
    TwoEnds ends = new TwoEnds(seed, new Link(.1, .02, .1, 20)).connected();
    int id = ends.client.open(new ChannelTerms("x", "", true, new Reliability(1, -1)));
    for (int i = 0; i < 20; i++) {
      ends.client.send(id, TwoEnds.message(3_000, i));
      ends.run(20);
    }
    return ends;
  }

  private static void sign(byte[] packet) {
    if (packet.length >= PacketReader.HEADER_BYTES) {
      ByteBuffer.wrap(packet)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(PacketReader.CHECKSUM_AT, PacketReader.checksum(packet, packet.length));
    }
  }

  /**
   * A peer that knows tag and checksum and sends what it likes: no exception, memory and answers
   * bounded, and the other association of the process untouched.
   */
  @Property(tries = 60)
  void mutatedPacketsBreakNothing(
      @ForAll @IntRange(min = 1, max = 1_000_000) int seed, @ForAll boolean early) {
    Random random = new Random(seed);
    List<byte[]> packets = recorded(seed % 7);
    TwoEnds ends = early ? new TwoEnds(seed % 7, Link.GOOD) : talk(seed % 7);
    DataChannels victim = ends.server.channels;
    int tag = tagTowardsServer(early ? packets : ends.packets);
    for (int i = 0; i < 400; i++) {
      byte[] packet = packets.get(random.nextInt(packets.size())).clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        packet[random.nextInt(packet.length)] = (byte) random.nextInt();
      }
      if (random.nextInt(8) == 0) {
        packet = java.util.Arrays.copyOf(packet, random.nextInt(packet.length + 8));
      }
      if (packet.length >= 8 && random.nextInt(8) != 0) {
        ByteBuffer.wrap(packet).putShort((short) 5000).putShort((short) 5000).putInt(tag);
      }
      sign(packet);
      ends.nowNs += random.nextInt(100_000_000);
      victim.receive(packet, ends.nowNs);
      victim.onTimer(ends.nowNs);
      assertTrue(victim.take().size() < 400, "answers are bounded");
      assertTrue(victim.bufferedBytes() <= 1024 * 1024);
      if (victim.isEnded()) {
        return;
      }
    }
  }

  private static int tagTowardsServer(List<byte[]> packets) {
    // The third packet is the client's COOKIE ECHO unless something was lost before it.
    for (byte[] packet : packets) {
      if (packet[12] == Chunk.COOKIE_ECHO) {
        return ByteBuffer.wrap(packet).getInt(4);
      }
    }
    throw new AssertionError("no COOKIE ECHO was recorded");
  }

  @Property(tries = 2_000)
  void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
    byte[] packet = bytes.clone();
    sign(packet);
    PacketReader.Packet read = PacketReader.read(packet);
    if (read != null) {
      assertTrue(read.chunks().size() <= packet.length / 4);
    }
  }

  /** What our writer writes, our reader reads as it was. */
  @Test
  void recordedPacketsAreRewrittenTheSame() {
    int compared = 0;
    for (byte[] bytes : recorded(3)) {
      PacketReader.Packet packet = PacketReader.read(bytes);
      assertNotNull(packet);
      assertTrue(PacketReader.checksumFits(bytes));
      PacketWriter writer = new PacketWriter(bytes.length, packet.tag());
      packet.chunks().forEach(chunk -> writer.chunk(PacketWriter.encode(chunk)));
      org.junit.jupiter.api.Assertions.assertArrayEquals(bytes, writer.seal());
      compared++;
    }
    assertTrue(compared > 50);
  }

  /** CRC32c of RFC 9260 Appendix A, as RFC 3720 B.4 has it for 32 zero bytes: 0x8A9136AA. */
  @Test
  void checksumIsTheOneOfTheStandard() {
    assertEquals(0x8A9136AA, PacketReader.checksum(new byte[32], 32));
  }

  private static Chunk.Data data(int tsn, int ssn, boolean begin, boolean end, int length) {
    return new Chunk.Data(tsn, 0, ssn, 53, false, begin, end, false, new byte[length]);
  }

  private final SctpCounters counters = new SctpCounters();
  private final java.util.ArrayList<SctpEvent> events = new java.util.ArrayList<>();
  private final Inbound inbound =
      new Inbound(SctpConfig.defaults(1120), counters, events::add, 100);

  @Test
  void orderedMessagesWhoseFirstNeverComesAreBounded() {
    for (int i = 0; i < 100_000 && !inbound.violated(); i++) {
      inbound.onData(data(100 + i, 1 + i, true, true, 1));
    }
    assertTrue(inbound.violated());
    assertEquals(0, events.size());
  }

  @Test
  void endlessMessageIsBounded() {
    for (int i = 0; i < 100_000 && !inbound.violated(); i++) {
      inbound.onData(data(100 + i, 0, i == 0, false, 1000));
    }
    assertTrue(inbound.violated());
  }

  @Test
  void fragmentsAheadOfAHoleStayWithinTheWindow() {
    for (int i = 1; i < 3_000; i++) {
      inbound.onData(data(100 + i, 0, false, false, 1000));
    }
    assertTrue(!inbound.violated());
    assertTrue(counters.get(SctpCount.DROPPED_WINDOW) > 1_000);
    assertTrue(inbound.window() < 1_100);
    inbound.onData(data(100 + 100_000, 0, false, false, 1));
    assertEquals(99, inbound.cumulative() & 0xffff);
  }

  @Test
  void forwardBeyondTheWindowIsIgnored() {
    inbound.onForward(new Chunk.ForwardTsn(100 + 1_000_000, new int[] {0}, new int[] {5}));
    assertEquals(99, inbound.cumulative() & 0xffff);
  }

  @Test
  void strangersTagAndChecksumAreDropped() {
    TwoEnds ends = talk(1);
    byte[] abort = new PacketWriter(64, 0x1234567).seal();
    byte[] whole = java.util.Arrays.copyOf(abort, 16);
    whole[12] = Chunk.ABORT;
    whole[15] = 4;
    ends.server.channels.receive(whole.clone(), ends.nowNs);
    assertEquals(1, ends.counters.get(SctpCount.DROPPED_CHECKSUM));
    sign(whole);
    ends.server.channels.receive(whole, ends.nowNs);
    assertEquals(1, ends.counters.get(SctpCount.DROPPED_TAG));
    ends.server.drain();
    assertNull(ends.server.ended);
  }
}
