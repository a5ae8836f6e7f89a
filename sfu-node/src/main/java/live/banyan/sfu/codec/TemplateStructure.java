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
    idOffset = reader.bits(6);
    decodeTargetCount = reader.bits(5) + 1;
    int templates = parseLayers();
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
      while (reader.flag()) {
        reader.bits(4);
      }
    }
    parseChains(templates);
    parseResolutions();
    if (reader.overran()) {
      return false;
    }
    templateCount = templates;
    return true;
  }

  private int parseLayers() {
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

  private void parseChains(int templates) {
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

  private void parseResolutions() {
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

  /** {@link #NOT_PRESENT}, {@link #DISCARDABLE}, {@link #SWITCH} or {@link #REQUIRED}. */
  public int indication(int index, int decodeTarget) {
    return indications[index * MAX_DECODE_TARGETS + decodeTarget];
  }
}
