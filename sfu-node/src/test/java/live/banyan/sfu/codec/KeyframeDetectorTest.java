package live.banyan.sfu.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.rtp.Packets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyframeDetectorTest {
  private final KeyframeDetector detector = new KeyframeDetector();

  @ParameterizedTest
  @CsvSource({
    // codec, payload, begins a keyframe, can begin a frame
    "VP8, 90809a3010, true, true",
    "VP8, 90809a3011, false, true",
    "VP8, 8080 9a30 10, false, false",
    "VP9, 8c9a3082, true, true",
    "VP9, cc9a3086, false, true",
    "VP9, 849a3082, false, false",
    "H264, 67 42c01f, true, true",
    "H264, 68 ce3c80, false, true",
    "H264, 65 88 84, true, true",
    "H264, 65 48 84, false, false",
    "H264, 41 9a 02, false, true",
    "H264, 41 5a 02, false, false",
    "H264, 7c 85 88 84, true, true",
    "H264, 7c 05 88 84, false, false",
    "H264, 7c 45 88 84, false, false",
    "H264, 5c 81 9a 02, false, true",
    "H264, 78 0004 6742c01f 0004 68ce3c80, true, true",
    "H264, 78 0002 0930 0003 658884, true, true",
    "H264, 78 0002 0930 0003 419a02, false, true",
    "H264, 78 0002 0c30, false, false",
    "H264, 09 30, false, true",
    "AV1, 18 0a0b00000024, true, true",
    "AV1, 10 3214, false, true",
    "AV1, 90 3214, false, false",
    "AV1, 98 3214, false, false",
    "AV1, 20 02 3214 2200, false, true",
    "AV1, 10 2214, false, false",
    "OPUS, 78, true, true",
  })
  void knowsFirstPackets(Codec codec, String hex, boolean keyframe, boolean starts) {
    MemorySegment payload = Packets.segment(hex);
    int length = (int) payload.byteSize();
    assertEquals(keyframe, detector.isKeyframeStart(codec, payload, 0, length), "keyframe");
    assertEquals(starts, detector.startsFrame(codec, payload, 0, length), "starts a frame");
  }

  @ParameterizedTest
  @CsvSource({
    "H264, 78 ffff 67",
    "H264, 78 0000 67",
    "H264, 7c85",
    "H264, 65",
    "AV1, 18",
    "AV1, 20 ffffffff 32",
    "AV1, 20 02",
    "VP8, 10",
    "VP9, 8c"
  })
  void shortPayloadsBeginNothing(Codec codec, String hex) {
    MemorySegment payload = Packets.segment(hex);
    int length = (int) payload.byteSize();
    assertFalse(detector.isKeyframeStart(codec, payload, 0, length));
    assertFalse(detector.startsFrame(codec, payload, 0, length));
    assertFalse(detector.startsFrame(codec, payload, 0, 0));
    assertFalse(detector.isKeyframeStart(codec, payload, 0, 0));
  }

  @Property(tries = 3_000)
  void hostileBytesNeverReachOutside(
      @ForAll Codec codec, @ForAll @Size(max = 40) byte[] bytes, @ForAll boolean aggregate) {
    if (aggregate && bytes.length > 2) {
      bytes[0] = 24;
      bytes[1] = 0;
    }
    MemorySegment payload = MemorySegment.ofArray(bytes);
    detector.isKeyframeStart(codec, payload, 0, bytes.length);
    detector.startsFrame(codec, payload, 0, bytes.length);
    OpusPayload.samples(payload, 0, bytes.length);
    int blocks = RedPayload.walk(payload, 0, bytes.length, this::insideOrThrow);
    assertTrue(blocks >= RedPayload.MALFORMED);
    TemplateStructure structure = new TemplateStructure();
    if (!structure.parse(payload, 0, bytes.length)) {
      assertEquals(0, structure.templateCount());
    }
  }

  private void insideOrThrow(int payloadType, int timestampOffset, long offset, int length) {
    assertTrue(length >= 0 && offset >= 0);
  }

  @Test
  void opusTellsItsDuration() {
    assertEquals(960, OpusPayload.samples(Packets.segment("78"), 0, 1));
    assertEquals(120, OpusPayload.samples(Packets.segment("80"), 0, 1));
    assertEquals(480, OpusPayload.samples(Packets.segment("00"), 0, 1));
    assertEquals(2_880, OpusPayload.samples(Packets.segment("18"), 0, 1));
    assertEquals(960, OpusPayload.samples(Packets.segment("68"), 0, 1));
    assertEquals(1_920, OpusPayload.samples(Packets.segment("79"), 0, 1));
    assertEquals(2_880, OpusPayload.samples(Packets.segment("7b03"), 0, 2));
    assertEquals(OpusPayload.MALFORMED, OpusPayload.samples(Packets.segment("7b"), 0, 1));
    assertEquals(OpusPayload.MALFORMED, OpusPayload.samples(Packets.segment("7b00"), 0, 2));
    assertEquals(OpusPayload.MALFORMED, OpusPayload.samples(Packets.segment("7b3f"), 0, 2));
    assertTrue(OpusPayload.stereo(Packets.segment("7c"), 0));
    assertTrue(OpusPayload.isDtx(1));
    assertFalse(OpusPayload.isDtx(3));
  }

  @Test
  void redGivesOldestFirst() {
    // One block of 3 bytes, 960 units old; then 2 bytes of new.
    MemorySegment payload = Packets.segment("ef 0f 00 03 6f 78aabb 78cc");
    List<String> blocks = new ArrayList<>();
    int count =
        RedPayload.walk(
            payload,
            0,
            (int) payload.byteSize(),
            (type, age, offset, length) ->
                blocks.add(type + " " + age + " " + Packets.hex(payload, offset, length)));
    assertEquals(2, count);
    assertEquals(List.of("111 960 78aabb", "111 0 78cc"), blocks);
    assertEquals(8, RedPayload.primaryOffset(payload, 0, 10));
    assertEquals(RedPayload.MALFORMED, RedPayload.primaryOffset(payload, 0, 7));
    assertEquals(RedPayload.MALFORMED, RedPayload.primaryOffset(payload, 0, 4));
    assertEquals(RedPayload.MALFORMED, RedPayload.primaryOffset(payload, 0, 0));
  }

  @Test
  void dependencyDescriptorOfAKeyframe() {
    // L1T2: template offset 0, two decode targets, templates (0,0) (0,0) (0,1); 320x180.
    Bits bits = new Bits();
    bits.add(1, 1).add(1, 1).add(0, 6).add(0x1234, 16);
    bits.add(1, 1).add(0, 4);
    bits.add(0, 6).add(1, 5);
    bits.add(0, 2).add(1, 2).add(3, 2);
    bits.add(2, 2).add(2, 2).add(3, 2).add(3, 2).add(0, 2).add(1, 2);
    bits.add(0, 1).add(1, 1).add(1, 4).add(0, 1).add(1, 1).add(0, 4).add(0, 1);
    bits.add(1, 1).add(0, 1); // ns(3): 1 chain is "10"
    bits.add(0, 4).add(2, 4).add(1, 4);
    bits.add(1, 1).add(319, 16).add(179, 16);
    byte[] bytes = bits.bytes();
    MemorySegment segment = MemorySegment.ofArray(bytes);
    assertTrue(DependencyDescriptor.isValid(bytes.length));
    assertTrue(DependencyDescriptor.startsFrame(segment, 0));
    assertTrue(DependencyDescriptor.endsFrame(segment, 0));
    assertEquals(0, DependencyDescriptor.templateId(segment, 0));
    assertEquals(0x1234, DependencyDescriptor.frameNumber(segment, 0));
    assertTrue(DependencyDescriptor.hasStructure(segment, 0, bytes.length));
    assertFalse(DependencyDescriptor.hasStructure(segment, 0, 3));

    TemplateStructure structure = new TemplateStructure();
    assertTrue(structure.parse(segment, 0, bytes.length));
    assertEquals(3, structure.templateCount());
    assertEquals(2, structure.decodeTargetCount());
    assertEquals(1, structure.chainCount());
    assertEquals(1, structure.temporalLayer(structure.indexOf(2)));
    assertEquals(-1, structure.indexOf(3));
    assertEquals(TemplateStructure.NOT_PRESENT, structure.indication(2, 0));
    assertEquals(TemplateStructure.DISCARDABLE, structure.indication(2, 1));
    assertEquals(TemplateStructure.SWITCH, structure.indication(0, 0));
    assertEquals(320, structure.width(0));
    assertEquals(180, structure.height(0));

    assertFalse(structure.parse(segment, 0, bytes.length - 2));
    assertEquals(-1, structure.indexOf(0));
  }

  @Property(tries = 2_000)
  void hostileStructuresStayInBounds(
      @ForAll @Size(max = 80) byte[] bytes, @ForAll @IntRange(max = 63) int templateId) {
    if (bytes.length > 3) {
      bytes[3] |= (byte) 0x80;
    }
    TemplateStructure structure = new TemplateStructure();
    if (structure.parse(MemorySegment.ofArray(bytes), 0, bytes.length)) {
      int index = structure.indexOf(templateId);
      if (index >= 0) {
        assertTrue(structure.spatialLayer(index) <= 3 && structure.temporalLayer(index) <= 7);
        structure.indication(index, structure.decodeTargetCount() - 1);
      }
    }
  }

  /** Writes bits, most significant first. */
  private static final class Bits {
    private final StringBuilder digits = new StringBuilder();

    Bits add(int value, int count) {
      for (int i = count - 1; i >= 0; i--) {
        digits.append(value >> i & 1);
      }
      return this;
    }

    byte[] bytes() {
      byte[] bytes = new byte[(digits.length() + 7) / 8];
      for (int i = 0; i < digits.length(); i++) {
        bytes[i / 8] |= (byte) ((digits.charAt(i) - '0') << (7 - i % 8));
      }
      return bytes;
    }
  }
}
