package live.banyan.sfu.depacket;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.IntSummaryStatistics;
import java.util.List;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.codec.KeyframeDetector;
import live.banyan.sfu.rtp.Packets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PacketizerTest {
  @Property
  void partsOfAFrameAreAlmostEqual(
      @ForAll Codec codec, @ForAll long seed, @ForAll @IntRange(min = 64, max = 1_200) int room) {
    TestStream stream = new TestStream(codec, seed, 5, 3, 0);
    Packetizer packetizer = Packetizer.of(codec, room);
    KeyframeDetector detector = new KeyframeDetector();
    for (int i = 0; i < 5; i++) {
      List<Integer> lengths = new ArrayList<>();
      List<Boolean> markers = new ArrayList<>();
      List<Boolean> keys = new ArrayList<>();
      int count =
          packetizer.packetize(
              stream.frames.get(i),
              (payload, length, marker) -> {
                lengths.add(length);
                markers.add(marker);
                keys.add(detector.isKeyframeStart(codec, payload, 0, length));
              });
      if (codec == Codec.OPUS) {
        assertEquals(stream.frames.get(i).length <= room ? 1 : 0, count);
        continue;
      }
      assertEquals(count, lengths.size());
      IntSummaryStatistics spread = lengths.stream().mapToInt(l -> l).summaryStatistics();
      assertTrue(spread.getMax() <= room);
      if (codec != Codec.AV1) {
        assertTrue(spread.getMax() - spread.getMin() <= 1, () -> "lengths " + lengths);
      }
      assertTrue(markers.getLast());
      assertEquals(count - 1, markers.indexOf(true));
      assertEquals(stream.keyframes.get(i), keys.getFirst());
    }
  }

  @Property
  void anyBytesAreSafe(@ForAll Codec codec, @ForAll @Size(max = 300) byte[] frame) {
    int count =
        Packetizer.of(codec, 64)
            .packetize(frame, (payload, length, marker) -> assertTrue(length <= 64 && length > 0));
    assertTrue(count >= 0);
  }

  @Test
  void pictureIdsWrapAt15Bits() {
    Packetizer packetizer = Packetizer.of(Codec.VP8, 64);
    List<String> descriptors = new ArrayList<>();
    for (int i = 0; i <= 0x8000; i++) {
      packetizer.packetize(
          new byte[] {0x10},
          (payload, length, marker) -> descriptors.add(Packets.hex(payload, 0, 4)));
    }
    assertEquals("9080ffff", descriptors.get(0x7FFF));
    assertEquals("90808000", descriptors.get(0x8000));
  }

  @Test
  void splitsAnnexBAtEitherStartCode() {
    byte[] frame = Packets.bytes("000001 6742 00000001 68ce 000001 65 88");
    List<String> units = new ArrayList<>();
    Packetizer.of(Codec.H264, 64)
        .packetize(
            frame,
            (payload, length, marker) ->
                units.add(Packets.hex(payload, 0, length) + (marker ? " end" : "")));
    assertEquals(List.of("6742", "68ce", "6588 end"), units);
  }

  @Test
  void ivfSurvives() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(IvfWriter.header(Codec.VP8, 640, 360, 2));
    file.writeBytes(IvfWriter.frameHeader(3, 0));
    file.writeBytes(Packets.bytes("aabbcc"));
    file.writeBytes(IvfWriter.frameHeader(1, 3_000));
    file.writeBytes(Packets.bytes("dd"));
    file.writeBytes(Packets.bytes("ffff0000"));
    IvfReader reader = new IvfReader(MemorySegment.ofArray(file.toByteArray()));
    assertEquals(Codec.VP8, reader.codec());
    assertEquals(640, reader.width());
    assertEquals(360, reader.height());
    for (int round = 0; round < 2; round++) {
      assertTrue(reader.next());
      assertArrayEquals(Packets.bytes("aabbcc"), reader.frame());
      assertTrue(reader.next());
      assertArrayEquals(Packets.bytes("dd"), reader.frame());
      assertEquals(33_333_333, reader.frameTimeNs());
      assertFalse(reader.next(), "cut off");
      reader.rewind();
    }
  }

  /** What FFmpeg writes: time base 1/30, one frame. */
  @Test
  void readsFfmpegsHeader() {
    IvfReader reader =
        new IvfReader(
            Packets.segment(
                "444b4946 0000 2000 56503930 8002 6801 1e000000 01000000 01000000 00000000"
                    + " 02000000 0f00000000000000 8249"));
    assertEquals(Codec.VP9, reader.codec());
    assertTrue(reader.next());
    assertEquals(500_000_000, reader.frameTimeNs());
    assertFalse(reader.next());
  }

  @Test
  void refusesOtherFiles() {
    assertThrows(IllegalArgumentException.class, () -> new IvfReader(Packets.empty(31)));
    assertThrows(IllegalArgumentException.class, () -> new IvfReader(Packets.empty(64)));
    byte[] header = IvfWriter.header(Codec.AV1, 1, 1, 0);
    header[16] = header[17] = header[18] = 0;
    assertThrows(
        IllegalArgumentException.class, () -> new IvfReader(MemorySegment.ofArray(header)));
    byte[] other = IvfWriter.header(Codec.AV1, 1, 1, 0);
    other[8] = 'X';
    assertNull(new IvfReader(MemorySegment.ofArray(other)).codec());
  }

  @Property
  void damagedFilesEndEarly(
      @ForAll @IntRange(max = 60) int cut,
      @ForAll @Size(max = 4) List<@IntRange(max = 0xFFFF) Integer> edits) {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(IvfWriter.header(Codec.VP8, 640, 360, 2));
    file.writeBytes(IvfWriter.frameHeader(3, 0));
    file.writeBytes(Packets.bytes("aabbcc"));
    byte[] bytes = Packets.mutate(file.toByteArray(), cut, edits);
    try {
      IvfReader reader = new IvfReader(MemorySegment.ofArray(bytes));
      while (reader.next()) {
        assertTrue(reader.frame().length <= bytes.length);
        reader.frameTimeNs();
      }
    } catch (IllegalArgumentException expected) {
      assertTrue(String.valueOf(expected.getMessage()).contains("IVF"));
    }
  }
}
