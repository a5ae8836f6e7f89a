package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.put16;
import static live.banyan.sfu.packet.NetworkOrder.put8;
import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * What the payload descriptors of VP8 (RFC 7741 §4.2) and VP9 (RFC 9628 §4.2) have in common: the
 * two counters that whoever leaves out pictures must rewrite.
 */
public abstract sealed class PictureCounters permits Vp8Descriptor, Vp9Descriptor {
  /** Value of a field that the descriptor does not have. */
  public static final int ABSENT = -1;

  /** Bytes of the descriptor that have been read. */
  int length;

  private int pictureIdOffset;
  private int pictureId;
  private boolean longPictureId;
  private int tl0Offset;
  private int tl0PictureIndex;

  final void clearCounters() {
    pictureId = ABSENT;
    longPictureId = false;
    tl0PictureIndex = ABSENT;
  }

  /** Reads what stands behind the first {@link #length} bytes; false where it is cut off. */
  final boolean readPictureId(MemorySegment payload, long offset, int payloadLength) {
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
    return true;
  }

  /** Likewise for TL0PICIDX. */
  final boolean readTl0PictureIndex(MemorySegment payload, long offset, int payloadLength) {
    if (length >= payloadLength) {
      return false;
    }
    tl0Offset = length;
    tl0PictureIndex = u8(payload, offset + length++);
    return true;
  }

  /** Bytes of the descriptor; the codec's own payload begins behind it. */
  public final int length() {
    return length;
  }

  /** 7 or 15 bits, or {@link #ABSENT}. */
  public final int pictureId() {
    return pictureId;
  }

  /** Where the picture id stands in the payload; meaningless without one. */
  public final int pictureIdOffset() {
    return pictureIdOffset;
  }

  /** Whether the picture id has 15 bits. */
  public final boolean longPictureId() {
    return longPictureId;
  }

  /** 8 bits: counts the frames of temporal layer 0; or {@link #ABSENT}. */
  public final int tl0PictureIndex() {
    return tl0PictureIndex;
  }

  /** Where TL0PICIDX stands in the payload; meaningless without one. */
  public final int tl0Offset() {
    return tl0Offset;
  }

  /**
   * Writes a picture id into the packet parsed last, in the form it has; nothing where it has none.
   *
   * @param offset of the payload
   */
  public final void setPictureId(MemorySegment payload, long offset, int value) {
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
  public final void setTl0PictureIndex(MemorySegment payload, long offset, int value) {
    if (tl0PictureIndex != ABSENT) {
      put8(payload, offset + tl0Offset, value);
    }
  }
}
