package live.banyan.sfu.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import live.banyan.fuzz.FuzzInput;

/** A VP8 payload; what is written into it is read from it, and nothing else has changed. */
public final class Vp8Fuzz {
  private static final int AT = FuzzInput.LEAD;

  private Vp8Fuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    MemorySegment payload = FuzzInput.packet(data);
    Vp8Descriptor read = new Vp8Descriptor();
    int length = read.parse(payload, AT, data.length);
    KeyframeDetector detector = new KeyframeDetector();
    boolean key = detector.isKeyframeStart(Codec.VP8, payload, AT, data.length);
    boolean start = detector.startsFrame(Codec.VP8, payload, AT, data.length);
    assertTrue(start || !key, "a keyframe's first packet begins a frame");
    if (length < 0) {
      assertTrue(!start);
      return;
    }
    assertTrue(length >= 1 && length < data.length && length == read.length());
    assertTrue(read.pictureId() >= -1 && read.pictureId() <= (read.longPictureId() ? 0x7fff : 127));
    assertTrue(read.tl0PictureIndex() >= -1 && read.tl0PictureIndex() <= 255);
    assertTrue(read.temporalLayer() >= -1 && read.temporalLayer() <= 3);
    assertTrue(read.keyIndex() >= -1 && read.keyIndex() <= 31);
    assertTrue(read.width() >= 0 && read.width() <= 0x3fff && read.height() <= 0x3fff);
    read.setPictureId(payload, AT, read.pictureId());
    read.setTl0PictureIndex(payload, AT, read.tl0PictureIndex());
    read.setKeyIndex(payload, AT, read.keyIndex());
    assertEquals(-1, payload.mismatch(FuzzInput.packet(data)));
    rewrite(payload, data.length, read);
  }

  private static void rewrite(MemorySegment payload, int length, Vp8Descriptor before) {
    before.setPictureId(payload, AT, 0x55);
    before.setTl0PictureIndex(payload, AT, 0x66);
    before.setKeyIndex(payload, AT, 0x17);
    Vp8Descriptor after = new Vp8Descriptor();
    assertEquals(before.length(), after.parse(payload, AT, length));
    assertEquals(before.pictureId() < 0 ? -1 : 0x55, after.pictureId());
    assertEquals(before.tl0PictureIndex() < 0 ? -1 : 0x66, after.tl0PictureIndex());
    assertEquals(before.keyIndex() < 0 ? -1 : 0x17, after.keyIndex());
    assertEquals(before.longPictureId(), after.longPictureId());
    assertEquals(before.temporalLayer(), after.temporalLayer());
    assertEquals(before.keyframe(), after.keyframe());
    assertEquals(before.width(), after.width());
  }
}
