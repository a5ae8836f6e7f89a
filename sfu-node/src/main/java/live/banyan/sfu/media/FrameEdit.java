package live.banyan.sfu.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import live.banyan.sfu.codec.DependencyDescriptor;
import live.banyan.sfu.codec.FrameDependencies;
import live.banyan.sfu.codec.TemplateStructure;

/**
 * What a packet's header says of its frame to one subscriber who is not sent all frames. Filled
 * anew for each packet. Not thread safe.
 */
final class FrameEdit {
  /** An extension's length has one byte (RFC 8285 §4.3). */
  private static final int LENGTH_MAX = 255;

  private static final int UNTOLD = -1;

  private final MemorySegment memory =
      Arena.ofAuto().allocate(LENGTH_MAX + FrameDependencies.GROWTH_MAX);
  private final FrameDependencies dependencies = new FrameDependencies();
  // Of packets that bring their own; the encoding's belongs to what came last.
  private final TemplateStructure brought = new TemplateStructure();
  private TemplateStructure structure = brought;
  private boolean marker;
  private int frameNumber;
  private long active;

  /**
   * Begins with the next packet.
   *
   * @param frameNumber 16 bits; meaningless where the packet has no dependency descriptor
   */
  void begin(boolean marker, int frameNumber) {
    this.marker = marker;
    this.frameNumber = frameNumber;
    active = UNTOLD;
    structure = brought;
  }

  /** Tells which decode targets are left; as {@link FrameDependencies#activeTargets}. */
  void activate(TemplateStructure known, long targets) {
    structure = known;
    active = targets;
  }

  boolean marker() {
    return marker;
  }

  /** Writes a descriptor anew into {@link #memory}. @return its length */
  int describe(MemorySegment source, long offset, int length) {
    boolean room = length + FrameDependencies.GROWTH_MAX <= LENGTH_MAX;
    boolean own = DependencyDescriptor.hasStructure(source, offset, length);
    if (length < DependencyDescriptor.MANDATORY_LENGTH) {
      MemorySegment.copy(source, offset, memory, 0, length);
      return length;
    }
    return dependencies.write(
        source,
        offset,
        length,
        frameNumber,
        room ? active : UNTOLD,
        own ? brought : structure,
        memory,
        0);
  }

  MemorySegment memory() {
    return memory;
  }
}
