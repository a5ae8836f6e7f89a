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

class Vp9DescriptorTest {
  /** Keyframe with scalability structure: 2 spatial layers with sizes, a group of 2 pictures. */
  private static final String KEY_WITH_STRUCTURE =
      "aa 8123 00 07 38 0140 00b4 0280 0168 02 04 01 54 02 01 82";

  private static final String FLEXIBLE = "f4 11 52 03 04 86";

  private static final List<String> SAMPLES =
      List.of(KEY_WITH_STRUCTURE, FLEXIBLE, "8c 11 82", "0c 82", "ec 8123 35 09 86");

  private final Vp9Descriptor descriptor = new Vp9Descriptor();

  private int parse(String hex) {
    MemorySegment payload = Packets.segment(hex);
    return descriptor.parse(payload, 0, (int) payload.byteSize());
  }

  @Test
  void readsAKeyframeWithItsStructure() {
    assertEquals(19, parse(KEY_WITH_STRUCTURE));
    assertEquals(0x123, descriptor.pictureId());
    assertTrue(descriptor.longPictureId());
    assertEquals(0, descriptor.temporalLayer());
    assertEquals(0, descriptor.spatialLayer());
    assertEquals(7, descriptor.tl0PictureIndex());
    assertEquals(2, descriptor.spatialLayerCount());
    assertTrue(descriptor.keyframe());
    assertFalse(descriptor.endsFrame());
  }

  @Test
  void readsFlexibleReferences() {
    assertEquals(5, parse(FLEXIBLE));
    assertTrue(descriptor.flexible());
    assertEquals(2, descriptor.temporalLayer());
    assertTrue(descriptor.switchingUp());
    assertEquals(1, descriptor.spatialLayer());
    assertEquals(2, descriptor.referenceCount());
    assertEquals(1, descriptor.reference(0));
    assertEquals(2, descriptor.reference(1));
    assertEquals(Vp9Descriptor.ABSENT, descriptor.tl0PictureIndex());
    assertFalse(descriptor.startsFrame());
    assertFalse(descriptor.keyframe());
  }

  @Test
  void onlyTheLowestLayerBeginsAKeyframe() {
    assertEquals(4, parse("ac 11 00 07 82"));
    assertTrue(descriptor.keyframe());
    assertEquals(4, parse("ac 11 03 07 82"));
    assertTrue(descriptor.startsFrame());
    assertFalse(descriptor.startsPicture(), "spatial layer 1 on top of layer 0");
    assertEquals(4, parse("ec 11 00 07 82"));
    assertFalse(descriptor.keyframe(), "refers to earlier pictures");
    assertTrue(descriptor.startsPicture());
  }

  @Test
  void aBareDescriptorLeavesItToThePayload() {
    assertEquals(1, parse("08 82"));
    assertTrue(descriptor.keyframe());
    assertEquals(1, parse("08 86"));
    assertFalse(descriptor.keyframe());
    // Profile 3 has a reserved bit; a shown existing frame is no keyframe.
    assertTrue(Vp9Descriptor.isKeyframeHeader(0xb1));
    assertFalse(Vp9Descriptor.isKeyframeHeader(0xb2));
    assertFalse(Vp9Descriptor.isKeyframeHeader(0x88));
  }

  @Test
  void refusesWhatIsTooShortOrTooMuch() {
    for (String bad :
        List.of(
            "",
            "80",
            "80 81",
            "80 8123",
            "20 00",
            "20 00 01",
            "50 03 05 07 09 82",
            "50 03 05",
            "02 08 82",
            "02 10 82",
            "02 08 01 0c 00 00")) {
      assertEquals(-1, parse(bad), bad);
    }
  }

  @Property
  void whatIsWrittenIsRead(
      @ForAll @IntRange(max = 0x7FFF) int pictureId,
      @ForAll @IntRange(max = 255) int tl0,
      @ForAll boolean longForm) {
    MemorySegment payload = Packets.segment(longForm ? "ac 8123 00 07 82" : "ac 11 00 07 82");
    int length = (int) payload.byteSize();
    descriptor.parse(payload, 0, length);
    descriptor.setPictureId(payload, 0, pictureId);
    descriptor.setTl0PictureIndex(payload, 0, tl0);
    assertEquals(length - 1, descriptor.parse(payload, 0, length));
    assertEquals(longForm ? pictureId : pictureId & 0x7F, descriptor.pictureId());
    assertEquals(tl0, descriptor.tl0PictureIndex());
  }

  @Property(tries = 2_000)
  void hostileBytesNeverReachOutside(
      @ForAll @IntRange(max = 4) int sample,
      @ForAll @IntRange(max = 24) int cut,
      @ForAll @Size(max = 4) List<@IntRange(max = 0xFFFF) Integer> edits) {
    byte[] bytes = Packets.mutate(Packets.bytes(SAMPLES.get(sample)), cut, edits);
    int length = descriptor.parse(MemorySegment.ofArray(bytes), 0, bytes.length);
    assertTrue(length == -1 || length < bytes.length);
  }
}
