package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A publisher without NACK: what its path loses is made from its repair packets. */
class FlexfecTest {
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final int PORT = 2000;
  private static final int MEDIA = 0x111;
  private static final int FEC = 0x113;
  private static final int FEC_TYPE = 49;
  private static final int COUNTED = 5;
  private static final int NAMED = 4;

  private final ShardHarness world = new ShardHarness();
  private final List<byte[]> arrived = new ArrayList<>();
  private int first = 65_520;
  private int fecSequence = 7;
  private int transportSequence;

  @BeforeEach
  void open() {
    world.connect(1, PUBLISHER, 1000);
    ExtensionMap ids =
        new ExtensionMap(
            Map.of(ExtensionKind.TRANSPORT_SEQUENCE, COUNTED, ExtensionKind.MID, NAMED));
    world.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ids));
    world.execute(
        new ShardCommand.AddSource(
            10,
            1,
            "v",
            96,
            0,
            List.of(new ShardCommand.SourceLayer(null, MEDIA, 0)),
            false,
            true,
            false,
            new ShardCommand.Redundancy(0, FEC_TYPE, FEC)));
    world.connect(2, VIEWER, PORT);
    world.execute(
        new ShardCommand.OpenSubscription(
            20,
            2,
            10,
            0x5000,
            0,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 0)),
            ExtensionMap.EMPTY));
    world.sink.take();
  }

  @AfterEach
  void close() {
    world.close();
  }

  /** Packet {@code number} of a stream of frames of four; the same bytes each time. */
  private byte[] media(int number, int counted) {
    int frame = number / 4;
    Random sizes = new Random(number);
    byte[] payload =
        RtpPackets.vp8(
            number % 4 == 0, number < 4, 100 + frame, frame & 0xFF, 20 + sizes.nextInt(1_100), 0);
    for (int i = 10; i < payload.length; i++) {
      payload[i] = (byte) sizes.nextInt();
    }
    ByteBuffer.wrap(payload).putInt(6, number);
    Map<Integer, byte[]> extensions = new LinkedHashMap<>();
    extensions.put(NAMED, new byte[] {'v'});
    extensions.put(COUNTED, new byte[] {(byte) (counted >> 8), (byte) counted});
    int sequence = first + number & 0xFFFF;
    return RtpPackets.packet(
        MEDIA, 96, sequence, 3_000 * frame, number % 4 == 3, extensions, payload);
  }

  private void deliver(byte[] packet) {
    world.advance(4 * ShardHarness.MS);
    world.deliver(packet, PUBLISHER, 1000);
    for (RecordingSink.Datagram datagram : world.sink.take()) {
      if (datagram.port() == PORT && RtpPackets.isRtp(datagram.bytes())) {
        arrived.add(datagram.bytes());
      }
    }
  }

  private void send(int number) {
    deliver(media(number, ++transportSequence));
  }

  private byte[] fec(byte[] payload) {
    Map<Integer, byte[]> extensions = Map.of(COUNTED, new byte[] {9, (byte) ++transportSequence});
    return RtpPackets.packet(FEC, FEC_TYPE, fecSequence++ & 0xFFFF, 0, false, extensions, payload);
  }

  private byte[] protect(int... numbers) {
    List<byte[]> covered = IntStream.of(numbers).mapToObj(number -> media(number, 0)).toList();
    return fec(FlexfecPackets.protect(covered));
  }

  /** Which packets the viewer has, each in its place and byte for byte. */
  private List<Integer> watched() {
    List<Integer> numbers = new ArrayList<>();
    if (arrived.isEmpty()) {
      return numbers;
    }
    int origin = RtpPackets.sequence(arrived.getFirst());
    for (byte[] packet : arrived) {
      int number = RtpPackets.bodyOf(packet, RtpPackets.headerLength(packet));
      assertEquals(number, RtpPackets.sequence(packet) - origin & 0xFFFF);
      byte[] sent = media(number, 0);
      byte[] body = Arrays.copyOfRange(sent, RtpPackets.headerLength(sent) + 5, sent.length);
      int at = RtpPackets.headerLength(packet) + 5;
      assertArrayEquals(body, Arrays.copyOfRange(packet, at, packet.length));
      assertEquals(number % 4 == 3, (packet[1] & 0x80) != 0);
      numbers.add(number);
    }
    return numbers.stream().sorted().distinct().toList();
  }

  private static List<Integer> upTo(int count) {
    return IntStream.range(0, count).boxed().toList();
  }

  @ParameterizedTest(name = "{0} packets, the {1}th lost")
  @CsvSource({"4, 2", "15, 14", "16, 15", "40, 3", "46, 45", "47, 46", "66, 65", "109, 108"})
  void aLostPacketIsMadeWhateverTheMasksLength(int count, int lost) {
    for (int i = 0; i < count; i++) {
      if (i != lost) {
        send(i);
      }
    }
    deliver(protect(IntStream.range(0, count).toArray()));
    assertEquals(upTo(count), watched());
    assertEquals(1, world.counters.get(ShardCounter.FEC_IN));
    assertEquals(1, world.counters.get(ShardCounter.FEC_REPAIRED));
    assertEquals(0, world.counters.get(ShardCounter.NACKED_OUT));
  }

  @Test
  void oneRepairMakesAnotherPossible() {
    for (int number : new int[] {0, 1, 4, 5}) {
      send(number);
    }
    deliver(protect(0, 1, 2, 3));
    assertEquals(0, world.counters.get(ShardCounter.FEC_REPAIRED), "two are missing");
    deliver(protect(3, 4, 5));
    assertEquals(2, world.counters.get(ShardCounter.FEC_REPAIRED));
    assertEquals(upTo(6), watched());
  }

  @Test
  void aRepairWaitsForPacketsThatComeLate() {
    send(0);
    deliver(protect(0, 1, 2, 3));
    send(2);
    send(3);
    assertEquals(upTo(4), watched());
    send(1);
    assertEquals(1, world.counters.get(DropReason.RTP_DUPLICATE));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void lossIsRepairedWithNackOff(long seed) {
    Random loss = new Random(seed);
    int count = 4_000;
    int lost = 0;
    for (int i = 0; i < count; i += 10) {
      for (int k = 0; k < 10; k++) {
        boolean gone = i > 0 && loss.nextInt(20) == 0;
        lost += gone ? 1 : 0;
        if (!gone) {
          send(i + k);
        }
      }
      byte[][] repairs = {
        protect(i, i + 2, i + 4, i + 6, i + 8), protect(i + 1, i + 3, i + 5, i + 7, i + 9)
      };
      for (byte[] repair : repairs) {
        if (loss.nextInt(20) > 0) {
          deliver(repair);
        }
      }
      if (i % 100 == 0) {
        deliver(new byte[] {(byte) 0x80, (byte) 201, 0, 1, 0, 0, 0, 1});
        byte[] alive = {(byte) 0x80, (byte) 201, 0, 1, 0, 0, 0, 1};
        world.deliver(alive, VIEWER, PORT);
      }
    }
    int missing = count - watched().size();
    String run = "seed %d: lost %d, missing after repair %d".formatted(seed, lost, missing);
    assertTrue(lost > 150, run);
    assertTrue(missing < lost / 3, run);
    assertEquals(lost - missing, world.counters.get(ShardCounter.FEC_REPAIRED), run);
    assertEquals(0, world.counters.get(ShardCounter.NACKED_OUT), run);
    assertEquals(0, world.counters.get(ShardCounter.RTX_IN), run);
  }

  @Test
  void theSsrcOfRepairPacketsIsLearntWhereTheOfferDidNotName() {
    world.execute(new ShardCommand.RemoveSource(10, 1));
    world.execute(
        new ShardCommand.AddSource(
            10,
            1,
            "v",
            96,
            0,
            List.of(new ShardCommand.SourceLayer(null, 0, 0)),
            false,
            true,
            false,
            new ShardCommand.Redundancy(0, FEC_TYPE, 0)));
    send(0);
    send(1);
    send(3);
    deliver(protect(0, 1, 2, 3));
    assertEquals(upTo(4), watched());
  }

  @Test
  void hostileRepairPacketsAreCountedAndMakeNothing() {
    send(0);
    send(1);
    byte[] sound = FlexfecPackets.protect(List.of(media(0, 0), media(1, 0), media(2, 0)));
    for (int length : new int[] {0, 1, 8, 19}) {
      deliver(fec(Arrays.copyOf(sound, length)));
    }
    for (int[] broken :
        new int[][] {{0, 0x80}, {0, 0x40}, {8, 2}, {14, 2}, {12, 0x7F}, {15, 0x12}}) {
      byte[] copy = sound.clone();
      copy[broken[0]] = (byte) (copy[broken[0]] & 0x3F | broken[1]);
      deliver(fec(copy));
    }
    byte[] endless = sound.clone();
    endless[18] &= 0x7F;
    deliver(fec(Arrays.copyOf(endless, 22)));
    assertEquals(11, world.counters.get(DropReason.RTP_MALFORMED));
    byte[] tooLong = sound.clone();
    tooLong[2] ^= (byte) 0xFF;
    deliver(fec(tooLong));
    deliver(fec(Arrays.copyOf(sound, 20)));
    Random random = new Random(5);
    for (int i = 0; i < 2_000; i++) {
      byte[] noise = new byte[random.nextInt(200)];
      random.nextBytes(noise);
      if (noise.length > 20) {
        noise[0] &= 0x3F;
        System.arraycopy(sound, 8, noise, 8, 8);
      }
      world.receive(fec(noise), PUBLISHER, 1000);
    }
    world.shard.onBatchEnd(world.nowNs);
    world.sink.take();
    send(3);
    assertTrue(watched().containsAll(List.of(0, 1, 3)));
  }
}
