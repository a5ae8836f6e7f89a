package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.put16;
import static live.banyan.sfu.packet.NetworkOrder.put8;
import static live.banyan.sfu.packet.NetworkOrder.u16;
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
public final class Vp8Descriptor {
  /** Value of a field that the descriptor does not have. */
  public static final int ABSENT = -1;

  private static final int EXTENDED = 0x80;
  private static final int NON_REFERENCE = 0x20;
  private static final int START = 0x10;
  private static final int HAS_PICTURE_ID = 0x80;
  private static final int HAS_TL0 = 0x40;
  private static final int HAS_TID = 0x20;
  private static final int HAS_KEY_INDEX = 0x10;

  private int length;
  private boolean nonReference;
  private boolean start;
  private int partition;
  private boolean keyframe;
  private int pictureIdOffset;
  private int pictureId;
  private boolean longPictureId;
  private int tl0Offset;
  private int tl0PictureIndex;
  private int layerOffset;
  private int temporalLayer;
  private boolean layerSync;
  private int keyIndex;

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
    return length;
  }

  private void reset() {
    pictureId = ABSENT;
    tl0PictureIndex = ABSENT;
    temporalLayer = ABSENT;
    keyIndex = ABSENT;
    longPictureId = false;
    layerSync = false;
    keyframe = false;
  }

  private boolean parseExtension(MemorySegment payload, long offset, int payloadLength) {
    int flags = u8(payload, offset + 1);
    length = 2;
    if ((flags & HAS_PICTURE_ID) != 0) {
      if (length >= payloadLength) {
        return false;
      }
      longPictureId = (u8(payload, offset + length) & 0x80) != 0;
      pictureIdOffset = length;
      length += longPictureId ? 2 : 1;
      if (length > payloadLength) {
        return false;
      }
      pictureId =
          longPictureId
              ? u16(payload, offset + pictureIdOffset) & 0x7FFF
              : u8(payload, offset + pictureIdOffset);
    }
    if ((flags & HAS_TL0) != 0) {
      if (length >= payloadLength) {
        return false;
      }
      tl0Offset = length;
      tl0PictureIndex = u8(payload, offset + length++);
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

  /** Bytes of the descriptor; VP8 begins behind it. */
  public int length() {
    return length;
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

  /** 7 or 15 bits, or {@link #ABSENT}. */
  public int pictureId() {
    return pictureId;
  }

  /** Where the picture id stands in the payload; meaningless without one. */
  public int pictureIdOffset() {
    return pictureIdOffset;
  }

  /** Where TL0PICIDX stands in the payload; meaningless without one. */
  public int tl0Offset() {
    return tl0Offset;
  }

  /** Whether the picture id has 15 bits. */
  public boolean longPictureId() {
    return longPictureId;
  }

  /** 8 bits: counts the frames of temporal layer 0; or {@link #ABSENT}. */
  public int tl0PictureIndex() {
    return tl0PictureIndex;
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

  /**
   * Writes a picture id into the packet parsed last, in the form it has; nothing where it has none.
   *
   * @param offset of the payload
   */
  public void setPictureId(MemorySegment payload, long offset, int value) {
    if (pictureId == ABSENT) {
      return;
    }
    if (longPictureId) {
      put16(payload, offset + pictureIdOffset, 0x8000 | value);
    } else {
      put8(payload, offset + pictureIdOffset, value & 0x7F);
    }
  }

  /** Writes TL0PICIDX into the packet parsed last; nothing where it has none. */
  public void setTl0PictureIndex(MemorySegment payload, long offset, int value) {
    if (tl0PictureIndex != ABSENT) {
      put8(payload, offset + tl0Offset, value);
    }
  }

  /** Writes KEYIDX into the packet parsed last; nothing where it has none. */
  public void setKeyIndex(MemorySegment payload, long offset, int value) {
    if (keyIndex != ABSENT) {
      int layer = u8(payload, offset + layerOffset);
      put8(payload, offset + layerOffset, (layer & 0xE0) | (value & 0x1F));
    }
  }
}
