package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.shard.RedPackets.Block;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedundantAudioTest {
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final int PLAIN_PORT = 2000;
  private static final int RED_PORT = 3000;
  private static final int OPUS = 111;
  private static final int RED = 63;
  private static final int STEP = 960;
  private static final int SPEECH = 80;

  private final ShardHarness world = new ShardHarness();
  private int frameLength = SPEECH;
  private int firstSequence = 65_500;

  @AfterEach
  void close() {
    world.close();
  }

  private void open() {
    world.connect(1, PUBLISHER, 1000);
    world.execute(new ShardCommand.OpenTrack(10, Codec.OPUS, 1, ExtensionMap.EMPTY));
    world.execute(
        new ShardCommand.AddSource(
            10,
            1,
            null,
            OPUS,
            0,
            List.of(new ShardCommand.SourceLayer(null, 0, 0)),
            false,
            false,
            false,
            new ShardCommand.Redundancy(RED, 0, 0)));
    watch(20, 2, PLAIN_PORT, 109, 0);
    watch(30, 3, RED_PORT, 107, 57);
    world.sink.take();
  }

  private void watch(long subscription, long transport, int port, int opus, int red) {
    world.connect(transport, VIEWER, port);
    world.execute(
        new ShardCommand.OpenSubscription(
            subscription,
            transport,
            10,
            port,
            0,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.OPUS, opus, 0, red)),
            ExtensionMap.EMPTY));
  }

  private byte[] frame(int number) {
    return RedPackets.frame(number, frameLength);
  }

  private byte[] plain(int number) {
    return packet(OPUS, number, frame(number));
  }

  private byte[] packet(int payloadType, int number, byte[] payload) {
    int sequence = firstSequence + number & 0xFFFF;
    return RtpPackets.packet(0x333, payloadType, sequence, STEP * number, false, Map.of(), payload);
  }

  private byte[] red(int number, int older) {
    List<Block> blocks = new ArrayList<>();
    for (int back = older; back > 0; back--) {
      if (number >= back) {
        blocks.add(new Block(OPUS, STEP * back, frame(number - back)));
      }
    }
    blocks.add(new Block(OPUS, 0, frame(number)));
    return packet(RED, number, RedPackets.write(blocks));
  }

  private void send(byte[] packet) {
    world.advance(20 * ShardHarness.MS);
    world.deliver(packet, PUBLISHER, 1000);
  }

  private List<byte[]> to(int port, List<RecordingSink.Datagram> sent) {
    return sent.stream()
        .filter(d -> d.port() == port && RtpPackets.isRtp(d.bytes()))
        .map(RecordingSink.Datagram::bytes)
        .toList();
  }

  private static byte[] payload(byte[] packet) {
    return Arrays.copyOfRange(packet, RtpPackets.headerLength(packet), packet.length);
  }

  private void stayAlive() {
    MemorySegment report = MemorySegment.ofArray(new byte[8]);
    int length = RtcpWriter.receiverReport(report, 0, 1);
    byte[] bytes = report.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    world.deliver(bytes, PUBLISHER, 1000);
    world.deliver(bytes, VIEWER, PLAIN_PORT);
    world.deliver(bytes, VIEWER, RED_PORT);
  }

  @Test
  void aPublishersRedundancyReachesViewersThatTakeItAndOthersGetPlainPackets() {
    open();
    for (int i = 0; i < 40; i++) {
      send(red(i, 2));
    }
    List<RecordingSink.Datagram> sent = world.sink.take();
    List<byte[]> plain = to(PLAIN_PORT, sent);
    List<byte[]> red = to(RED_PORT, sent);
    assertEquals(40, plain.size());
    assertEquals(40, red.size());
    for (int i = 0; i < 40; i++) {
      assertEquals(109, RtpPackets.payloadType(plain.get(i)));
      assertArrayEquals(frame(i), payload(plain.get(i)));
      assertEquals(57, RtpPackets.payloadType(red.get(i)));
      List<Block> expected = new ArrayList<>();
      for (int back = Math.min(i, 2); back > 0; back--) {
        expected.add(new Block(107, STEP * back, frame(i - back)));
      }
      expected.add(new Block(107, 0, frame(i)));
      assertEquals(expected, RedPackets.read(red.get(i)), "packet " + i);
    }
    assertEquals(40, world.counters.get(ShardCounter.RED_IN));
    assertEquals(0, world.counters.get(ShardCounter.RED_REPAIRED));
  }

  @Test
  void redundancyIsMadeOfAPlainStream() {
    open();
    for (int i = 0; i < 10; i++) {
      send(plain(i));
    }
    List<byte[]> red = to(RED_PORT, world.sink.take());
    assertEquals(10, red.size());
    List<Block> last = RedPackets.read(red.getLast());
    assertEquals(3, last.size());
    assertEquals(new Block(107, 2 * STEP, frame(7)), last.get(0));
    assertEquals(new Block(107, STEP, frame(8)), last.get(1));
    assertEquals(new Block(107, 0, frame(9)), last.get(2));
    assertEquals(1, RedPackets.read(red.getFirst()).size(), "nothing is older than the first");
  }

  @ParameterizedTest
  @CsvSource({"150, 3", "250, 2", "450, 2", "600, 1", "900, 0", "1200, 0"})
  void largeFramesAreRepeatedLessOrNotAtAll(int length, int blocks) {
    frameLength = length;
    open();
    for (int i = 0; i < 6; i++) {
      send(plain(i));
    }
    byte[] last = to(RED_PORT, world.sink.take()).getLast();
    if (blocks == 0) {
      assertEquals(107, RtpPackets.payloadType(last));
      assertArrayEquals(frame(5), payload(last));
    } else {
      assertEquals(blocks, RedPackets.read(last).size());
      assertArrayEquals(frame(5), RedPackets.read(last).getLast().data());
    }
  }

  @Test
  void whatThePublishersPathLostIsMadeGoodInOrder() {
    open();
    for (int i = 0; i < 60; i++) {
      if (i % 5 != 2 && i % 5 != 3) {
        send(red(i, 2));
      }
    }
    List<byte[]> got = to(PLAIN_PORT, world.sink.take());
    assertEquals(60, got.size());
    int first = RtpPackets.sequence(got.getFirst());
    int clock = RtpPackets.timestamp(got.getFirst());
    for (int i = 0; i < 60; i++) {
      assertEquals(first + i & 0xFFFF, RtpPackets.sequence(got.get(i)), "no packet is late");
      assertEquals(clock + STEP * i, RtpPackets.timestamp(got.get(i)));
      assertArrayEquals(frame(i), payload(got.get(i)));
    }
    assertEquals(24, world.counters.get(ShardCounter.RED_REPAIRED));
    assertEquals(0, world.counters.get(ShardCounter.NACKED_OUT));
  }

  @Test
  void aLateOriginalIsADuplicateOfItsRepair() {
    open();
    send(red(0, 2));
    send(red(2, 2));
    send(red(1, 2));
    assertEquals(3, to(PLAIN_PORT, world.sink.take()).size());
    assertEquals(1, world.counters.get(DropReason.RTP_DUPLICATE));
  }

  @Test
  void blocksThatRepeatOtherPacketsThanTheLastOnesRepairNothing() {
    open();
    send(plain(0));
    send(plain(1));
    byte[] foreign =
        RedPackets.write(
            List.of(new Block(OPUS, 4 * STEP, frame(99)), new Block(OPUS, 0, frame(3))));
    send(packet(RED, 3, foreign));
    byte[] otherCodec =
        RedPackets.write(List.of(new Block(0, STEP, frame(98)), new Block(OPUS, 0, frame(5))));
    send(packet(RED, 5, otherCodec));
    assertEquals(4, to(PLAIN_PORT, world.sink.take()).size());
    assertEquals(0, world.counters.get(ShardCounter.RED_REPAIRED));
  }

  @Test
  void aRepetitionHasTheBytesOfTheFirstTimeThoughOlderFramesCameMeanwhile() {
    open();
    send(plain(0));
    send(plain(1));
    send(plain(3));
    byte[] before = to(RED_PORT, world.sink.take()).getLast();
    send(plain(2));
    world.sink.take();
    // The cipher of this test refuses two packets under one index.
    MemorySegment nack = MemorySegment.ofArray(new byte[64]);
    int length = RtcpWriter.receiverReport(nack, 0, 1);
    long[] asked = {RtpPackets.sequence(before)};
    length += RtcpWriter.nack(nack, length, 1, RED_PORT, asked, 0, 1);
    world.deliver(nack.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), VIEWER, RED_PORT);
    List<byte[]> again = to(RED_PORT, world.sink.take());
    assertEquals(1, again.size());
    assertArrayEquals(before, again.getFirst());
    assertEquals(1, RedPackets.read(before).size(), "its older frame was missing");
  }

  @Test
  void malformedRedundancyIsDroppedAndCounted() {
    open();
    send(plain(0));
    byte[][] hostile = {
      {},
      {(byte) 0xEF},
      {(byte) 0xEF, 0, 0},
      {(byte) 0xEF, 0, 3, (byte) 0xFF, 0x6F, 1, 2},
      {0x6E, 1, 2},
      new byte[200]
    };
    Arrays.fill(hostile[5], (byte) 0xEF);
    for (int i = 0; i < hostile.length; i++) {
      send(packet(RED, i + 1, hostile[i]));
    }
    assertEquals(hostile.length, world.counters.get(DropReason.RTP_MALFORMED));
    assertEquals(1, to(PLAIN_PORT, world.sink.take()).size());
  }

  /** Both paths lose a tenth at random: what a listener misses with redundancy and without. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aListenerMissesFarLessWithRedundancyOnBothLossyPaths(long seed) {
    open();
    Random loss = new Random(seed);
    Set<Integer> heardPlain = new HashSet<>();
    Set<Integer> heardRed = new HashSet<>();
    int frames = 3_000;
    int lostPlain = 0;
    Map<Integer, Integer> byHash = new java.util.HashMap<>();
    for (int i = 0; i < frames; i++) {
      byHash.put(Arrays.hashCode(frame(i)), i);
      if (i % 100 == 0) {
        stayAlive();
      }
      boolean lost = loss.nextInt(10) == 0;
      lostPlain += lost ? 1 : 0;
      if (!lost) {
        send(red(i, 2));
      }
      List<RecordingSink.Datagram> sent = world.sink.take();
      for (byte[] packet : to(PLAIN_PORT, sent)) {
        if (loss.nextInt(10) > 0) {
          heardPlain.add(byHash.get(Arrays.hashCode(payload(packet))));
        }
      }
      for (byte[] packet : to(RED_PORT, sent)) {
        if (loss.nextInt(10) > 0) {
          RedPackets.read(packet).forEach(b -> heardRed.add(byHash.get(Arrays.hashCode(b.data()))));
        }
      }
    }
    String run =
        "seed %d: publisher lost %d, missed plain %d, with redundancy %d of %d"
            .formatted(
                seed, lostPlain, frames - heardPlain.size(), frames - heardRed.size(), frames);
    assertTrue(lostPlain > 200, run);
    assertTrue(frames - heardPlain.size() < 400, run + ": the publisher's loss was made good");
    assertTrue(frames - heardPlain.size() > 200, run);
    assertTrue(frames - heardRed.size() < 30, run);
  }
}
