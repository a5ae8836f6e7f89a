package live.banyan.sfu.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.fuzz.FuzzInput;

/** A VP9 payload; what is written into it is read from it, and nothing else has changed. */
public final class Vp9Fuzz {
  private static final int AT = FuzzInput.LEAD;

  private Vp9Fuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    MemorySegment payload = FuzzInput.packet(data);
    Vp9Descriptor read = new Vp9Descriptor();
    int length = read.parse(payload, AT, data.length);
    KeyframeDetector detector = new KeyframeDetector();
    boolean key = detector.isKeyframeStart(Codec.VP9, payload, AT, data.length);
    boolean start = detector.startsFrame(Codec.VP9, payload, AT, data.length);
    assertTrue(start || !key, "a keyframe's first packet begins a picture");
    if (length < 0) {
      assertTrue(!start);
      return;
    }
    assertTrue(length >= 1 && length < data.length && length == read.length());
    assertTrue(read.pictureId() >= -1 && read.pictureId() <= (read.longPictureId() ? 0x7fff : 127));
    assertTrue(read.tl0PictureIndex() >= -1 && read.tl0PictureIndex() <= 255);
    assertTrue(read.temporalLayer() >= -1 && read.temporalLayer() <= 7);
    assertTrue(read.spatialLayer() >= -1 && read.spatialLayer() <= 7);
    assertTrue(read.referenceCount() <= Vp9Descriptor.MAX_REFERENCES);
    for (int i = 0; i < read.referenceCount(); i++) {
      assertTrue(read.reference(i) >= 0 && read.reference(i) <= 127);
    }
    int layers = read.spatialLayerCount();
    assertTrue(layers == Vp9Descriptor.ABSENT || layers >= 1 && layers <= 8);
    read.setPictureId(payload, AT, read.pictureId());
    read.setTl0PictureIndex(payload, AT, read.tl0PictureIndex());
    assertEquals(-1, payload.mismatch(FuzzInput.packet(data)));
    rewrite(payload, data.length, read);
  }

  private static void rewrite(MemorySegment payload, int length, Vp9Descriptor before) {
    before.setPictureId(payload, AT, 0x55);
    before.setTl0PictureIndex(payload, AT, 0x66);
    Vp9Descriptor after = new Vp9Descriptor();
    assertEquals(before.length(), after.parse(payload, AT, length));
    assertEquals(before.pictureId() < 0 ? -1 : 0x55, after.pictureId());
    assertEquals(before.tl0PictureIndex() < 0 ? -1 : 0x66, after.tl0PictureIndex());
    assertEquals(before.longPictureId(), after.longPictureId());
    assertEquals(before.spatialLayer(), after.spatialLayer());
    assertEquals(before.referenceCount(), after.referenceCount());
    assertEquals(before.keyframe(), after.keyframe());
  }
}
