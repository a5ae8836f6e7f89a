package live.banyan.sfu.codec;

import java.lang.foreign.MemorySegment;

/**
 * The template dependency structure of a dependency descriptor (RTP Payload Format For AV1,
 * appendix A.8): which layer each template means and what decode targets need it. Kept per track,
 * replaced by {@link #parse} when a packet carries a new one. Allocates nothing after construction.
 * Not thread safe.
 */
public final class TemplateStructure {
  /** Templates that a structure can hold: ids have six bits. */
  public static final int MAX_TEMPLATES = 64;

  /** Decode targets that a structure can hold: the count has five bits. */
  public static final int MAX_DECODE_TARGETS = 32;

  /** Value of a decode target indication: the frame is no part of the target. */
  public static final int NOT_PRESENT = 0;

  /** Nothing else of the target refers to the frame. */
  public static final int DISCARDABLE = 1;

  /** The target can be switched to at this frame. */
  public static final int SWITCH = 2;

  /** The target needs the frame. */
  public static final int REQUIRED = 3;

  private static final int NEXT_TEMPORAL = 1;
  private static final int NEXT_SPATIAL = 2;
  private static final int END = 3;
  private static final int MAX_SPATIAL = 3;
  private static final int MAX_TEMPORAL = 7;

  private final BitReader reader = new BitReader();
  private int idOffset;
  private int templateCount;
  private int decodeTargetCount;
  private int chainCount;
  private final byte[] spatial = new byte[MAX_TEMPLATES];
  private final byte[] temporal = new byte[MAX_TEMPLATES];
  private final byte[] indications = new byte[MAX_TEMPLATES * MAX_DECODE_TARGETS];
  private final int[] widths = new int[MAX_SPATIAL + 1];
  private final int[] heights = new int[MAX_SPATIAL + 1];
  private int maxSpatial;
  // By template: bit n is set where a frame refers to the one n + 1 before it.
  private final int[] references = new int[MAX_TEMPLATES];
  private final byte[] targetSpatial = new byte[MAX_DECODE_TARGETS];
  private final byte[] targetTemporal = new byte[MAX_DECODE_TARGETS];

  /**
   * Reads the structure of a descriptor that has one.
   *
   * @return false where it is malformed; the structure is empty then
   */
  public boolean parse(MemorySegment segment, long offset, int length) {
    templateCount = 0;
    if (!DependencyDescriptor.hasStructure(segment, offset, length)) {
      return false;
    }
    reader.reset(segment, offset + DependencyDescriptor.MANDATORY_LENGTH, length - 3);
    reader.bits(5);
    return read(reader);
  }

  /** Likewise, from where the structure begins to where it ends. */
  boolean read(BitReader reader) {
    templateCount = 0;
    idOffset = reader.bits(6);
    decodeTargetCount = reader.bits(5) + 1;
    int templates = parseLayers(reader);
    if (templates == 0) {
      return false;
    }
    for (int i = 0; i < templates * decodeTargetCount; i++) {
      int template = i / decodeTargetCount;
      int target = i % decodeTargetCount;
      indications[template * MAX_DECODE_TARGETS + target] = (byte) reader.bits(2);
    }
    for (int i = 0; i < templates; i++) {
      // Each reference tells after it whether another follows; 4 bits each.
      references[i] = 0;
      while (reader.flag()) {
        references[i] |= 1 << reader.bits(4);
      }
    }
    parseChains(reader, templates);
    parseResolutions(reader);
    if (reader.overran()) {
      return false;
    }
    templateCount = templates;
    findTargets();
    return true;
  }

  private int parseLayers(BitReader reader) {
    int spatialId = 0;
    int temporalId = 0;
    maxSpatial = 0;
    for (int i = 0; i < MAX_TEMPLATES; i++) {
      spatial[i] = (byte) spatialId;
      temporal[i] = (byte) temporalId;
      int next = reader.bits(2);
      if (next == END) {
        return reader.overran() ? 0 : i + 1;
      }
      if (next == NEXT_TEMPORAL) {
        temporalId++;
      } else if (next == NEXT_SPATIAL) {
        temporalId = 0;
        spatialId++;
      }
      if (reader.overran() || spatialId > MAX_SPATIAL || temporalId > MAX_TEMPORAL) {
        return 0;
      }
      maxSpatial = spatialId;
    }
    return 0;
  }

  private void parseChains(BitReader reader, int templates) {
    chainCount = reader.nonSymmetric(decodeTargetCount + 1);
    if (chainCount == 0) {
      return;
    }
    for (int i = 0; i < decodeTargetCount; i++) {
      reader.nonSymmetric(chainCount);
    }
    for (int i = 0; i < templates * chainCount; i++) {
      reader.bits(4);
    }
  }

  /** A target's layers are the highest of the frames that it needs (appendix A.8.3.2). */
  private void findTargets() {
    for (int target = 0; target < decodeTargetCount; target++) {
      int s = 0;
      int t = 0;
      for (int i = 0; i < templateCount; i++) {
        if (indication(i, target) != NOT_PRESENT) {
          s = Math.max(s, spatial[i]);
          t = Math.max(t, temporal[i]);
        }
      }
      targetSpatial[target] = (byte) s;
      targetTemporal[target] = (byte) t;
    }
  }

  private void parseResolutions(BitReader reader) {
    boolean present = reader.flag();
    for (int i = 0; i <= MAX_SPATIAL; i++) {
      boolean told = present && i <= maxSpatial;
      widths[i] = told ? reader.bits(16) + 1 : 0;
      heights[i] = told ? reader.bits(16) + 1 : 0;
    }
  }

  /** Number of templates; 0 where nothing has been parsed yet. */
  public int templateCount() {
    return templateCount;
  }

  /** Number of decode targets, 1 to {@link #MAX_DECODE_TARGETS}. */
  public int decodeTargetCount() {
    return decodeTargetCount;
  }

  /** Number of chains, 0 to the number of decode targets. */
  public int chainCount() {
    return chainCount;
  }

  /** Highest spatial layer of any template. */
  public int maxSpatialLayer() {
    return maxSpatial;
  }

  /** Width of a spatial layer's pictures, 1 to 65,536, or 0 where not told. */
  public int width(int spatialLayer) {
    return widths[spatialLayer];
  }

  /** Height of a spatial layer's pictures, 1 to 65,536, or 0 where not told. */
  public int height(int spatialLayer) {
    return heights[spatialLayer];
  }

  /**
   * Index of the template that a frame's template id means.
   *
   * @return -1 where the structure has none, as after a lost keyframe
   */
  public int indexOf(int templateId) {
    int index = templateId - idOffset & 63;
    return index < templateCount ? index : -1;
  }

  /** 0 to 3; {@code index} from {@link #indexOf}. */
  public int spatialLayer(int index) {
    return spatial[index];
  }

  /** 0 to 7; {@code index} from {@link #indexOf}. */
  public int temporalLayer(int index) {
    return temporal[index];
  }

  /**
   * Which earlier frames a frame of the template refers to: bit n stands for the one n + 1 before
   * it in frame numbers; {@code index} from {@link #indexOf}.
   */
  public int references(int index) {
    return references[index];
  }

  /** Spatial layer that a decode target shows, 0 to 3. */
  public int targetSpatialLayer(int decodeTarget) {
    return targetSpatial[decodeTarget];
  }

  /** Temporal layer up to which a decode target goes, 0 to 7. */
  public int targetTemporalLayer(int decodeTarget) {
    return targetTemporal[decodeTarget];
  }

  /** {@link #NOT_PRESENT}, {@link #DISCARDABLE}, {@link #SWITCH} or {@link #REQUIRED}. */
  public int indication(int index, int decodeTarget) {
    return indications[index * MAX_DECODE_TARGETS + decodeTarget];
  }
}
