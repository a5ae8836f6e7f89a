package live.banyan.sfu.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import live.banyan.sfu.rtp.Packets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class Vp8DescriptorTest {
  private static final List<String> SAMPLES =
      List.of("10 50", "90 80 91a2 10", "90 f0 91a2 07 6b 30 d1", "90 e0 11 ff 80 30", "00 ff");

  private final Vp8Descriptor descriptor = new Vp8Descriptor();

  private int parse(String hex) {
    MemorySegment payload = Packets.segment(hex);
    return descriptor.parse(payload, 0, (int) payload.byteSize());
  }

  @Test
  void readsTheShortestForm() {
    assertEquals(1, parse("10 50"));
    assertTrue(descriptor.startsFrame());
    assertTrue(descriptor.keyframe());
    assertEquals(Vp8Descriptor.ABSENT, descriptor.pictureId());
    assertEquals(Vp8Descriptor.ABSENT, descriptor.temporalLayer());
    assertEquals(1, parse("10 51"));
    assertFalse(descriptor.keyframe(), "P is set");
    assertEquals(1, parse("11 50"));
    assertFalse(descriptor.startsFrame(), "partition 1");
    assertEquals(1, parse("00 50"));
    assertFalse(descriptor.keyframe(), "not the start");
    assertFalse(descriptor.nonReference());
    assertEquals(1, parse("30 51"));
    assertTrue(descriptor.nonReference());
  }

  @Test
  void readsTheSizeOfAKeyframe() {
    // 640x360 of a 90 kB keyframe; the two bits above each number ask for scaling.
    assertEquals(1, parse("10 50 02 14 9d 01 2a 80 42 68 81"));
    assertEquals(640, descriptor.width());
    assertEquals(360, descriptor.height());
    assertEquals(1, parse("10 50 02 14 9d 01 2a 80 42 68"));
    assertEquals(0, descriptor.width(), "one byte is missing");
    assertEquals(1, parse("10 50 02 14 9d 01 2b 80 42 68 81"));
    assertEquals(0, descriptor.height(), "another start code");
    assertEquals(1, parse("10 51 02 14 9d 01 2a 80 42 68 81"));
    assertEquals(0, descriptor.width(), "no keyframe");
  }

  @Test
  void readsAllFields() {
    assertEquals(6, parse("90 f0 91a2 07 6b 31 d1"));
    assertEquals(0x11a2, descriptor.pictureId());
    assertTrue(descriptor.longPictureId());
    assertEquals(7, descriptor.tl0PictureIndex());
    assertEquals(1, descriptor.temporalLayer());
    assertTrue(descriptor.layerSync());
    assertEquals(11, descriptor.keyIndex());
    assertFalse(descriptor.keyframe());
    assertEquals(3, parse("90 80 11 31"));
    assertEquals(0x11, descriptor.pictureId());
    assertFalse(descriptor.longPictureId());
    assertEquals(3, parse("90 10 2b 31"));
    assertEquals(11, descriptor.keyIndex());
    assertEquals(Vp8Descriptor.ABSENT, descriptor.temporalLayer());
  }

  @Test
  void refusesWhatIsTooShort() {
    for (String bad :
        List.of(
            "", "10", "90 80", "90 80 91", "90 80 11", "90 f0 91a2 07 6b", "90 c0 11", "90 20")) {
      assertEquals(-1, parse(bad), bad);
    }
  }

  @Property
  void whatIsWrittenIsRead(
      @ForAll @IntRange(max = 0x7FFF) int pictureId,
      @ForAll @IntRange(max = 255) int tl0,
      @ForAll @IntRange(max = 31) int keyIndex,
      @ForAll boolean longForm) {
    MemorySegment payload =
        Packets.segment(longForm ? "aa 90 f0 91a2 07 6b 31 d1" : "aa 90 f0 11 07 6b 31 d1");
    int length = (int) payload.byteSize() - 1;
    int before = descriptor.parse(payload, 1, length);
    descriptor.setPictureId(payload, 1, pictureId);
    descriptor.setTl0PictureIndex(payload, 1, tl0);
    descriptor.setKeyIndex(payload, 1, keyIndex);
    assertEquals(before, descriptor.parse(payload, 1, length));
    assertEquals(longForm, descriptor.longPictureId());
    assertEquals(longForm ? pictureId : pictureId & 0x7F, descriptor.pictureId());
    assertEquals(tl0, descriptor.tl0PictureIndex());
    assertEquals(keyIndex, descriptor.keyIndex());
    assertEquals(1, descriptor.temporalLayer());
    assertTrue(descriptor.layerSync());
    assertEquals("aa90f0", Packets.hex(payload, 0, 3));
    assertEquals("31d1", Packets.hex(payload, length - 1, 2));
  }

  @Test
  void writesNothingWhereThereIsNothing() {
    MemorySegment payload = Packets.segment("10 50");
    descriptor.parse(payload, 0, 2);
    descriptor.setPictureId(payload, 0, 1);
    descriptor.setTl0PictureIndex(payload, 0, 2);
    descriptor.setKeyIndex(payload, 0, 3);
    assertEquals("1050", Packets.hex(payload, 0, 2));
  }

  @Property(tries = 2_000)
  void hostileBytesNeverReachOutside(
      @ForAll @IntRange(max = 4) int sample,
      @ForAll @IntRange(max = 10) int cut,
      @ForAll @Size(max = 4) List<@IntRange(max = 0xFFFF) Integer> edits) {
    byte[] bytes = Packets.mutate(Packets.bytes(SAMPLES.get(sample)), cut, edits);
    int length = descriptor.parse(MemorySegment.ofArray(bytes), 0, bytes.length);
    assertTrue(length == -1 || length < bytes.length);
  }
}
