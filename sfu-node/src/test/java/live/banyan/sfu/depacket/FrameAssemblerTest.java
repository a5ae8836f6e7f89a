package live.banyan.sfu.depacket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.Packets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FrameAssemblerTest {
  private static final long MS = 1_000_000;

  private final List<Frame> frames = new ArrayList<>();

  private FrameAssembler assembler(Codec codec) {
    return new FrameAssembler(codec, frames::add);
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void framesComeOutAsTheyWentIn(Codec codec) {
    TestStream stream = new TestStream(codec, 42, 100, 30, 65_500);
    FrameAssembler assembler = assembler(codec);
    for (TestStream.Packet packet : stream.packets) {
      stream.send(assembler, packet, packet.frame() * 33 * MS);
    }
    assertEquals(100, frames.size());
    for (int i = 0; i < 100; i++) {
      Frame frame = frames.get(i);
      assertTrue(frame.complete() && frame.decodable(), () -> "frame " + frame);
      assertEquals(stream.keyframes.get(i), frame.keyframe());
      assertEquals(i * 3_000, frame.timestamp());
      assertArrayEquals(stream.frames.get(i), frame.data());
    }
    assertEquals(100, assembler.frames());
    assertEquals(0, assembler.framesBroken());
    assertEquals(33 * MS, assembler.longestGapNs());
    assertTrue(assembler.sawKeyframe());
    assertEquals(0, assembler.firstKeyframeNs());
  }

  @Property(tries = 500)
  void exactlyWhatCanBeDecodedIsCalledDecodable(
      @ForAll Codec codec,
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 12) int keyInterval,
      @ForAll @IntRange(min = 1, max = 20) int reach,
      @ForAll @Size(max = 12) Set<@IntRange(max = 120) Integer> lost) {
    new FrameAssemblerTest().decodesWhatItCan(codec, seed, keyInterval, reach, lost);
  }

  private void decodesWhatItCan(
      Codec codec, long seed, int keyInterval, int reach, Set<Integer> lost) {
    TestStream stream = new TestStream(codec, seed, 40, keyInterval, 0);
    boolean[] whole = new boolean[40];
    java.util.Arrays.fill(whole, true);
    List<TestStream.Packet> arriving = new ArrayList<>();
    for (TestStream.Packet packet : stream.packets) {
      if (lost.contains((int) packet.index())) {
        whole[packet.frame()] = false;
      } else {
        arriving.add(packet);
      }
    }
    // What comes first is the beginning; the rest in disorder, some twice.
    Random random = new Random(seed);
    for (int i = 1; i < arriving.size(); i += reach) {
      Collections.shuffle(arriving.subList(i, Math.min(arriving.size(), i + reach)), random);
    }
    FrameAssembler assembler = assembler(codec);
    for (TestStream.Packet packet : arriving) {
      stream.send(assembler, packet, 0);
      if (random.nextInt(5) == 0) {
        stream.send(assembler, packet, 0);
      }
    }
    assembler.flush(0);

    List<Integer> expected = new ArrayList<>();
    boolean intact = false;
    int broken = 0;
    for (int i = 0; i < 40; i++) {
      intact = whole[i] && (stream.keyframes.get(i) || intact);
      if (intact) {
        expected.add(i * 3_000);
      } else {
        broken++;
      }
    }
    assertEquals(expected, frames.stream().filter(Frame::decodable).map(Frame::timestamp).toList());
    for (Frame frame : frames) {
      if (frame.decodable()) {
        assertArrayEquals(stream.frames.get(frame.timestamp() / 3_000), frame.data());
      }
    }
    assertEquals(frames.size(), assembler.frames());
    // AV1's sequence and frame headers both look like a beginning: one gap may count twice.
    int doubts = codec == Codec.AV1 ? lost.size() : 0;
    assertTrue(assembler.framesBroken() <= broken + doubts, "no more than are broken");
    assertTrue(broken > 0 || assembler.framesBroken() == 0, "nothing is broken");
    assertTrue(assembler.framesBroken() > 0 || !hasHole(whole, arriving), "a hole is noticed");
  }

  /** Whether a frame between the first and the last that arrived is not whole. */
  private static boolean hasHole(boolean[] whole, List<TestStream.Packet> arriving) {
    int first = arriving.getFirst().frame();
    int last = arriving.stream().mapToInt(TestStream.Packet::frame).max().orElse(0);
    for (int i = first; i <= last; i++) {
      if (!whole[i]) {
        return true;
      }
    }
    return false;
  }

  @Test
  void waitsForARepetitionThenGoesOn() {
    TestStream stream = new TestStream(Codec.VP8, 7, 30, 10, 0);
    FrameAssembler assembler = new FrameAssembler(Codec.VP8, 256, 100 * MS, frames::add);
    long lostIndex =
        stream.packets.stream().filter(p -> p.frame() == 3).findFirst().orElseThrow().index();
    for (TestStream.Packet packet : stream.packets) {
      if (packet.index() != lostIndex) {
        stream.send(assembler, packet, packet.frame() * 10 * MS);
      }
      if (packet.frame() == 11) {
        assertEquals(3, frames.size(), "still within patience");
      }
    }
    assembler.poll(400 * MS);
    assertEquals(30, frames.size() + (frames.get(3).timestamp() == 9_000 ? 0 : 1));
    List<Integer> decodable =
        frames.stream().filter(Frame::decodable).map(f -> f.timestamp() / 3_000).toList();
    List<Integer> expected = new ArrayList<>(List.of(0, 1, 2));
    for (int i = 10; i < 30; i++) {
      expected.add(i);
    }
    assertEquals(expected, decodable);
    assertEquals(7, assembler.framesBroken());
  }

  @Test
  void aRepetitionInTimeRepairsAll() {
    TestStream stream = new TestStream(Codec.VP8, 7, 30, 10, 0);
    FrameAssembler assembler = new FrameAssembler(Codec.VP8, 256, 100 * MS, frames::add);
    for (TestStream.Packet packet : stream.packets) {
      if (packet.frame() != 3) {
        stream.send(assembler, packet, packet.frame() * 10 * MS);
      }
      if (packet.frame() == 9) {
        stream.packets.stream()
            .filter(p -> p.frame() == 3)
            .forEach(p -> stream.send(assembler, p, 91 * MS));
      }
    }
    assertEquals(30, frames.size());
    assertEquals(0, assembler.framesBroken());
    assertEquals(70 * MS, assembler.longestGapNs(), 2 * MS);
  }

  @Test
  void aFullBufferEndsPatience() {
    TestStream stream = new TestStream(Codec.VP8, 9, 200, 20, 0);
    FrameAssembler assembler = new FrameAssembler(Codec.VP8, 64, Long.MAX_VALUE, frames::add);
    for (TestStream.Packet packet : stream.packets) {
      if (packet.index() != 5) {
        stream.send(assembler, packet, 0);
      }
    }
    assertTrue(frames.getLast().decodable());
    assertEquals(199 * 3_000, frames.getLast().timestamp());
  }

  @Test
  void probesAreNoFrames() {
    TestStream stream = new TestStream(Codec.VP8, 3, 20, 10, 0);
    FrameAssembler assembler = assembler(Codec.VP8);
    long shift = 0;
    for (TestStream.Packet packet : stream.packets) {
      assembler.packet(
          packet.index() + shift,
          packet.timestamp(),
          packet.marker(),
          packet.payload(),
          0,
          (int) packet.payload().byteSize(),
          0);
      if (packet.marker()) {
        shift++;
        assembler.packet(
            packet.index() + shift, packet.timestamp(), false, Packets.empty(0), 0, 0, 0);
      }
    }
    assertEquals(20, frames.size());
    assertEquals(0, assembler.framesBroken());
  }

  @Test
  void framesEndWithTheTimestampWhereNobodySetsMarkers() {
    TestStream stream = new TestStream(Codec.H264, 3, 20, 10, 0);
    FrameAssembler assembler = assembler(Codec.H264);
    for (TestStream.Packet p : stream.packets) {
      assembler.packet(
          p.index(), p.timestamp(), false, p.payload(), 0, (int) p.payload().byteSize(), 0);
    }
    assertEquals(19, frames.size());
    assertTrue(frames.stream().allMatch(Frame::decodable));
  }

  @Test
  void aHugeJumpStartsAnew() {
    TestStream stream = new TestStream(Codec.VP8, 3, 20, 1, 0);
    TestStream later = new TestStream(Codec.VP8, 4, 20, 1, 10_000_000_000L);
    FrameAssembler assembler = assembler(Codec.VP8);
    stream.packets.forEach(p -> stream.send(assembler, p, 0));
    later.packets.forEach(p -> later.send(assembler, p, 0));
    assertEquals(40, frames.size());
    assertEquals(1, assembler.framesBroken(), "the gap");
    // What is older than the buffer reaches is ignored.
    stream.packets.forEach(p -> stream.send(assembler, p, 0));
    assertEquals(40, frames.size());
  }

  @Test
  void upperTemporalLayersMayBeLost() {
    // Layer 1 (every other frame) vanishes, once without a trace and once in part.
    FrameAssembler assembler = assembler(Codec.VP8);
    String[] payloads = {
      "90e0 01 00 00 10aa", // 0: key, layer 0, TL0 0
      "90e0 02 00 60 11aa", // 1: layer 1, sync
      "90e0 03 01 00 11aa", // 2: layer 0, TL0 1
      "90e0 04 01 40 11aa", // 3: layer 1, lost
      "90e0 05 02 00 11aa", // 4: layer 0, TL0 2
      "90e0 06 02 40 11aa", // 5: layer 1, refers to 3
      "90e0 07 03 00 11aa", // 6: layer 0, TL0 3
      "90e0 08 03 60 11aa", // 7: layer 1, sync
      "90e0 09 04 00 11aa", // 8: layer 0, lost
      "90e0 0a 05 00 11aa", // 9: layer 0, refers to 8
      "90e0 0b 05 60 11aa", // 10: layer 1, on top of 9
      "90e0 0c 06 00 10aa", // 11: key
      "90e0 0d 07 00 11aa", // 12
    };
    for (int i = 0; i < payloads.length; i++) {
      if (i != 3 && i != 8) {
        MemorySegment payload = Packets.segment(payloads[i]);
        assembler.packet(i, i * 3_000, true, payload, 0, (int) payload.byteSize(), 0);
      }
    }
    assembler.flush(0);
    assertEquals(
        List.of(0, 1, 2, 4, 6, 7, 11, 12),
        frames.stream().filter(Frame::decodable).map(f -> f.timestamp() / 3_000).toList());
  }

  @Test
  void vp9NamesWhatItNeeds() {
    // Flexible mode: frame 2 refers to 0, frame 3 to 2 and 1.
    FrameAssembler assembler = assembler(Codec.VP9);
    String[] payloads = {
      "9c 8001 82aa", "dc 8002 02 86aa", "dc 8003 04 86aa", "dc 8004 03 04 86aa", "dc 8005 04 86aa"
    };
    for (int i = 0; i < payloads.length; i++) {
      if (i != 1) {
        MemorySegment payload = Packets.segment(payloads[i]);
        assembler.packet(i, i * 3_000, true, payload, 0, (int) payload.byteSize(), 0);
      }
    }
    assembler.flush(0);
    assertEquals(
        List.of(0, 2, 4),
        frames.stream().filter(Frame::decodable).map(f -> f.timestamp() / 3_000).toList());
  }

  @Test
  void joinsParameterSetsAndSlices() {
    FrameAssembler assembler = assembler(Codec.H264);
    String[] payloads = {"78 0003 6742c0 0002 68ce", "7c85 8884", "7c05 aabb", "7c45 cc"};
    for (int i = 0; i < payloads.length; i++) {
      MemorySegment payload = Packets.segment(payloads[i]);
      assembler.packet(i, 9, i == 3, payload, 0, (int) payload.byteSize(), 0);
    }
    assertEquals(1, frames.size());
    assertTrue(frames.getFirst().decodable() && frames.getFirst().keyframe());
    assertArrayEquals(
        Packets.bytes("00000001 6742c0 00000001 68ce 00000001 65 8884aabbcc"),
        frames.getFirst().data());
  }

  @Test
  void malformedPayloadsMakeBrokenFrames() {
    FrameAssembler assembler = assembler(Codec.AV1);
    String[] payloads = {"18 08aabb", "98 aabb", "20 7f aa", "10 3200", "50 3200"};
    for (int i = 0; i < payloads.length; i++) {
      MemorySegment payload = Packets.segment(payloads[i]);
      assembler.packet(i, i, true, payload, 0, (int) payload.byteSize(), 0);
    }
    assertEquals(5, assembler.frames());
    assertEquals(4, assembler.framesBroken());
    assertFalse(frames.get(4).decodable(), "an OBU that never ends");
  }

  @Property(tries = 1_000)
  void hostilePacketsNeverBreakIt(
      @ForAll Codec codec, @ForAll @Size(max = 60) List<@Size(max = 12) byte[]> payloads) {
    FrameAssembler assembler = new FrameAssembler(codec, 16, 10, f -> {});
    long index = 1 << 16;
    for (int i = 0; i < payloads.size(); i++) {
      byte[] bytes = payloads.get(i);
      int choice = bytes.length > 0 ? bytes[bytes.length - 1] : 3;
      index = Math.max(0, index + choice % 21);
      assembler.packet(
          index,
          choice >> 3,
          (choice & 1) != 0,
          MemorySegment.ofArray(bytes),
          0,
          bytes.length,
          i * 3L);
    }
    assembler.flush(1_000);
    assertTrue(assembler.frames() <= payloads.size());
  }
}
