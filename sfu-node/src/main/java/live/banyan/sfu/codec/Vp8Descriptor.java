package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.put8;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * The VP8 payload descriptor (RFC 7741 §4.2). One instance per thread, filled by {@link #parse}
 * again and again, so that nothing is allocated per packet.
 *
 * <pre>
 *  X R N S R PID(3) | I L T K RSV(4) | M picture id(7 or 15) | TL0PICIDX(8) | TID(2) Y KEYIDX(5)
 * </pre>
 */
public final class Vp8Descriptor extends PictureCounters {
  private static final int EXTENDED = 0x80;
  private static final int NON_REFERENCE = 0x20;
  private static final int START = 0x10;
  private static final int HAS_PICTURE_ID = 0x80;
  private static final int HAS_TL0 = 0x40;
  private static final int HAS_TID = 0x20;
  private static final int HAS_KEY_INDEX = 0x10;

  /** From the start of a keyframe to the end of its size (RFC 6386 §9.1). */
  private static final int KEYFRAME_HEADER = 10;

  private static final int START_CODE = 0x9D012A;
  private static final int SIZE_MASK = 0x3FFF;

  private boolean nonReference;
  private boolean start;
  private int partition;
  private boolean keyframe;
  private int layerOffset;
  private int temporalLayer;
  private boolean layerSync;
  private int keyIndex;
  private int width;
  private int height;

  /**
   * Reads the descriptor and the first byte behind it.
   *
   * @return the descriptor's length in bytes, or -1 where the payload is too short for it and one
   *     byte of VP8; the fields are meaningless then
   */
  public int parse(MemorySegment payload, long offset, int payloadLength) {
    reset();
    if (payloadLength < 2) {
      return -1;
    }
    int first = u8(payload, offset);
    nonReference = (first & NON_REFERENCE) != 0;
    start = (first & START) != 0;
    partition = first & 0x07;
    length = 1;
    if ((first & EXTENDED) != 0 && !parseExtension(payload, offset, payloadLength)) {
      return -1;
    }
    if (length >= payloadLength) {
      return -1;
    }
    // P, the inverse key frame flag, is the lowest bit of the VP8 payload header (RFC 7741 §4.3).
    keyframe = startsFrame() && (u8(payload, offset + length) & 0x01) == 0;
    if (keyframe && payloadLength - length >= KEYFRAME_HEADER) {
      readSize(payload, offset + length + 3);
    }
    return length;
  }

  /** The start code, then width and height in 14 bits each, little endian, with scaling on top. */
  private void readSize(MemorySegment payload, long at) {
    int code = u8(payload, at) << 16 | u8(payload, at + 1) << 8 | u8(payload, at + 2);
    if (code == START_CODE) {
      width = (u8(payload, at + 3) | u8(payload, at + 4) << 8) & SIZE_MASK;
      height = (u8(payload, at + 5) | u8(payload, at + 6) << 8) & SIZE_MASK;
    }
  }

  private void reset() {
    clearCounters();
    temporalLayer = ABSENT;
    keyIndex = ABSENT;
    layerSync = false;
    keyframe = false;
    width = 0;
    height = 0;
  }

  private boolean parseExtension(MemorySegment payload, long offset, int payloadLength) {
    int flags = u8(payload, offset + 1);
    length = 2;
    if ((flags & HAS_PICTURE_ID) != 0 && !readPictureId(payload, offset, payloadLength)) {
      return false;
    }
    if ((flags & HAS_TL0) != 0 && !readTl0PictureIndex(payload, offset, payloadLength)) {
      return false;
    }
    if ((flags & (HAS_TID | HAS_KEY_INDEX)) != 0) {
      if (length >= payloadLength) {
        return false;
      }
      layerOffset = length;
      int layer = u8(payload, offset + length++);
      if ((flags & HAS_TID) != 0) {
        temporalLayer = layer >> 6;
        layerSync = (layer & 0x20) != 0;
      }
      if ((flags & HAS_KEY_INDEX) != 0) {
        keyIndex = layer & 0x1F;
      }
    }
    return true;
  }

  /** No other frame refers to this one (N). */
  public boolean nonReference() {
    return nonReference;
  }

  /** The first packet of a frame: S, and partition 0. */
  public boolean startsFrame() {
    return start && partition == 0;
  }

  /** The first packet of a keyframe. */
  public boolean keyframe() {
    return keyframe;
  }

  /** Pixels across, of a keyframe's first packet; else 0. */
  public int width() {
    return width;
  }

  /** Pixels down, of a keyframe's first packet; else 0. */
  public int height() {
    return height;
  }

  /** 0 to 3, or {@link #ABSENT}. */
  public int temporalLayer() {
    return temporalLayer;
  }

  /** The frame depends on layer 0 only, so a receiver may go up to its layer here (Y). */
  public boolean layerSync() {
    return layerSync;
  }

  /** 5 bits, or {@link #ABSENT}. */
  public int keyIndex() {
    return keyIndex;
  }

  /** Writes KEYIDX into the packet parsed last; nothing where it has none. */
  public void setKeyIndex(MemorySegment payload, long offset, int value) {
    if (keyIndex != ABSENT) {
      int layer = u8(payload, offset + layerOffset);
      put8(payload, offset + layerOffset, (layer & 0xE0) | (value & 0x1F));
    }
  }
}
