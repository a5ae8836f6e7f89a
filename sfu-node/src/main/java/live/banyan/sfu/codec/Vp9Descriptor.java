package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The VP9 payload descriptor (RFC 9628 §4.2). One instance per thread, filled by {@link #parse}
 * again and again.
 *
 * <pre>
 *  I P L F B E V Z | M picture id(7 or 15) | TID(3) U SID(3) D | TL0PICIDX(8), where not F
 *  | P_DIFF(7) N, up to three, where F and P | scalability structure, where V
 * </pre>
 */
public final class Vp9Descriptor extends PictureCounters {
  /** References that a frame can name in flexible mode. */
  public static final int MAX_REFERENCES = 3;

  private static final int MAX_SPATIAL_LAYERS = 8;

  private int flags;
  private int temporalLayer;
  private int spatialLayer;
  private boolean switchingUp;
  private boolean interLayer;
  private int referenceCount;
  private final int[] references = new int[MAX_REFERENCES];
  private int spatialLayerCount = ABSENT;
  private final int[] widths = new int[MAX_SPATIAL_LAYERS];
  private final int[] heights = new int[MAX_SPATIAL_LAYERS];
  private boolean payloadSaysKey;

  /**
   * Reads the descriptor, and the first byte behind it.
   *
   * @return its length in bytes, or -1 where the payload is too short for it and one byte of VP9,
   *     or breaks a rule; the fields are meaningless then
   */
  public int parse(MemorySegment payload, long offset, int payloadLength) {
    reset();
    if (payloadLength < 2) {
      return -1;
    }
    flags = u8(payload, offset);
    length = 1;
    boolean whole =
        (!has(0x80) || readPictureId(payload, offset, payloadLength))
            && parseLayers(payload, offset, payloadLength)
            && parseReferences(payload, offset, payloadLength)
            && (!has(0x02) || parseStructure(payload, offset, payloadLength));
    if (!whole || length >= payloadLength) {
      return -1;
    }
    payloadSaysKey = isKeyframeHeader(u8(payload, offset + length));
    return length;
  }

  /**
   * Whether a frame that begins with this byte is a keyframe (VP9 bitstream §6.2): two bits of
   * marker, two of profile, one reserved in profile 3, show_existing_frame, and frame_type, where 0
   * is a keyframe.
   */
  public static boolean isKeyframeHeader(int firstByte) {
    int shift = (firstByte & 0x30) == 0x30 ? 1 : 2;
    return (firstByte >> shift & 3) == 0;
  }

  private void reset() {
    clearCounters();
    temporalLayer = ABSENT;
    spatialLayer = ABSENT;
    switchingUp = false;
    interLayer = false;
    referenceCount = 0;
    if (spatialLayerCount != ABSENT) {
      spatialLayerCount = ABSENT;
      Arrays.fill(widths, 0);
      Arrays.fill(heights, 0);
    }
  }

  private boolean has(int flag) {
    return (flags & flag) != 0;
  }

  private boolean parseLayers(MemorySegment payload, long offset, int payloadLength) {
    if (!has(0x20)) {
      return true;
    }
    if (length >= payloadLength) {
      return false;
    }
    int layers = u8(payload, offset + length++);
    temporalLayer = layers >> 5;
    switchingUp = (layers & 0x10) != 0;
    spatialLayer = layers >> 1 & 0x07;
    interLayer = (layers & 0x01) != 0;
    return flexible() || readTl0PictureIndex(payload, offset, payloadLength);
  }

  private boolean parseReferences(MemorySegment payload, long offset, int payloadLength) {
    if (!flexible() || !interPicture()) {
      return true;
    }
    while (true) {
      if (length >= payloadLength || referenceCount == MAX_REFERENCES) {
        return false;
      }
      int reference = u8(payload, offset + length++);
      references[referenceCount++] = reference >> 1;
      if ((reference & 0x01) == 0) {
        return true;
      }
    }
  }

  private boolean parseStructure(MemorySegment payload, long offset, int payloadLength) {
    if (length >= payloadLength) {
      return false;
    }
    int header = u8(payload, offset + length++);
    spatialLayerCount = (header >> 5) + 1;
    if ((header & 0x10) != 0) {
      if (length + 4 * spatialLayerCount > payloadLength) {
        return false;
      }
      for (int i = 0; i < spatialLayerCount; i++, length += 4) {
        widths[i] = u16(payload, offset + length);
        heights[i] = u16(payload, offset + length + 2);
      }
    }
    if ((header & 0x08) == 0) {
      return length <= payloadLength;
    }
    if (length >= payloadLength) {
      return false;
    }
    int groupLength = u8(payload, offset + length++);
    for (int i = 0; i < groupLength; i++) {
      if (length >= payloadLength) {
        return false;
      }
      length += 1 + (u8(payload, offset + length) >> 2 & 0x03);
    }
    return length <= payloadLength;
  }

  /** The frame refers to earlier pictures (P). */
  public boolean interPicture() {
    return has(0x40);
  }

  /** References are named by P_DIFF (F). */
  public boolean flexible() {
    return has(0x10);
  }

  /** The first packet of a frame, that is of one spatial layer of a picture (B). */
  public boolean startsFrame() {
    return has(0x08);
  }

  /** The last packet of a frame (E). */
  public boolean endsFrame() {
    return has(0x04);
  }

  /** A higher spatial layer does not refer to this frame (Z). */
  public boolean notForInterLayer() {
    return has(0x01);
  }

  /** The first packet of a picture: of its lowest spatial layer. */
  public boolean startsPicture() {
    return startsFrame() && spatialLayer <= 0 && !interLayer;
  }

  /**
   * The first packet of a picture that refers to none before it. A descriptor with nothing but
   * start and end of frame, as FFmpeg sends, never sets P: then the payload tells.
   */
  public boolean keyframe() {
    boolean bare = (flags & ~0x0C) == 0;
    return startsPicture() && !interPicture() && (!bare || payloadSaysKey);
  }

  /** 0 to 7, or {@link #ABSENT}. */
  public int temporalLayer() {
    return temporalLayer;
  }

  /** 0 to 7, or {@link #ABSENT}. */
  public int spatialLayer() {
    return spatialLayer;
  }

  /** A receiver may go up to this temporal layer here (U). */
  public boolean switchingUp() {
    return switchingUp;
  }

  /** The frame refers to the spatial layer below (D). */
  public boolean interLayer() {
    return interLayer;
  }

  /** References in flexible mode, 0 to {@link #MAX_REFERENCES}. */
  public int referenceCount() {
    return referenceCount;
  }

  /** How many pictures back reference {@code i} is, 0 to 127. */
  public int reference(int i) {
    return references[i];
  }

  /** Spatial layers that the scalability structure announces, 1 to 8, or {@link #ABSENT}. */
  public int spatialLayerCount() {
    return spatialLayerCount;
  }

  /** Pixels across a spatial layer, where the scalability structure tells; else 0. */
  public int width(int spatialLayer) {
    return widths[spatialLayer];
  }

  /** Pixels down a spatial layer, where the scalability structure tells; else 0. */
  public int height(int spatialLayer) {
    return heights[spatialLayer];
  }
}
