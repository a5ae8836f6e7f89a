package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.put16;
import static live.banyan.sfu.packet.NetworkOrder.put8;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * All of a dependency descriptor (RTP Payload Format For AV1, appendix A.8), read against the
 * template structure that came last, and written anew where a forwarder leaves frames out. Filled
 * again and again; allocates nothing after construction. Not thread safe.
 */
public final class FrameDependencies {
  /** How far back {@link #references} looks, in frames. */
  public static final int REFERENCE_REACH = 63;

  /** Bytes that {@link #write} adds to a descriptor at most: flags and 32 bits of targets. */
  public static final int GROWTH_MAX = 5;

  private static final int STRUCTURE = 0x10;
  private static final int ACTIVE_TARGETS = 0x08;
  private static final int CUSTOM_INDICATIONS = 0x04;
  private static final int CUSTOM_REFERENCES = 0x02;
  private static final int FLAG_BITS = 5;
  private static final int MANDATORY_BITS = 8 * DependencyDescriptor.MANDATORY_LENGTH;

  private final BitReader reader = new BitReader();
  private final byte[] indications = new byte[TemplateStructure.MAX_DECODE_TARGETS];
  private int flags;
  private int template;
  private long references;
  private long activeTargets;

  /**
   * Reads a descriptor.
   *
   * @param structure replaced by the descriptor's own where it has one
   * @return false where it is cut off, or means a template that the structure has not
   */
  public boolean parse(
      MemorySegment segment, long offset, int length, TemplateStructure structure) {
    if (!DependencyDescriptor.isValid(length)) {
      return false;
    }
    reader.reset(segment, offset, length);
    reader.bits(MANDATORY_BITS);
    flags = length > DependencyDescriptor.MANDATORY_LENGTH ? reader.bits(FLAG_BITS) : 0;
    if ((flags & STRUCTURE) != 0 && !structure.read(reader)) {
      return false;
    }
    template = structure.indexOf(DependencyDescriptor.templateId(segment, offset));
    if (template < 0) {
      return false;
    }
    int targets = structure.decodeTargetCount();
    activeTargets = (flags & ACTIVE_TARGETS) == 0 ? -1 : readMask(targets);
    for (int target = 0; target < targets; target++) {
      indications[target] =
          (byte)
              ((flags & CUSTOM_INDICATIONS) != 0
                  ? reader.bits(2)
                  : structure.indication(template, target));
    }
    references =
        (flags & CUSTOM_REFERENCES) != 0
            ? readReferences()
            : structure.references(template) & 0xFFFFL;
    return !reader.overran();
  }

  private long readMask(int bits) {
    long mask = 0;
    for (int i = 0; i < bits; i++) {
      mask = mask << 1 | reader.bits(1);
    }
    return mask;
  }

  private long readReferences() {
    long mask = 0;
    // Each is preceded by its length in nibbles; 0 ends them.
    for (int size = reader.bits(2); size != 0 && !reader.overran(); size = reader.bits(2)) {
      mask |= 1L << Math.min(reader.bits(4 * size), REFERENCE_REACH);
    }
    return mask;
  }

  /** The frame came with a template structure: so it is with every keyframe. */
  public boolean bringsStructure() {
    return (flags & STRUCTURE) != 0;
  }

  /** Index of the frame's template in the structure. */
  public int template() {
    return template;
  }

  /** {@link TemplateStructure#NOT_PRESENT} and so on, for a decode target of the structure. */
  public int indication(int decodeTarget) {
    return indications[decodeTarget];
  }

  /**
   * Which earlier frames this one refers to: bit n stands for the one n + 1 before it, bit {@value
   * #REFERENCE_REACH} for any that is further back.
   */
  public long references() {
    return references;
  }

  /** Bit i: decode target i is being sent; -1 where this descriptor does not tell. */
  public long activeTargets() {
    return activeTargets;
  }

  /**
   * Writes a descriptor with another frame number and, where it is told, other active targets. What
   * else it says stays.
   *
   * @param structure the one that came last before it; a descriptor that has its own is read into
   *     it
   * @param active bit i: decode target i can be decoded from what is forwarded; -1: not told anew
   * @return bytes written, at most {@link #GROWTH_MAX} more than before
   */
  public int write(
      MemorySegment segment,
      long offset,
      int length,
      int frameNumber,
      long active,
      TemplateStructure structure,
      MemorySegment dst,
      long at) {
    if (active < 0 || !parse(segment, offset, length, structure)) {
      MemorySegment.copy(segment, offset, dst, at, length);
      put16(dst, at + 1, frameNumber);
      return length;
    }
    put8(dst, at, u8(segment, offset));
    put16(dst, at + 1, frameNumber);
    long out = at * 8 + MANDATORY_BITS;
    out = put(dst, out, flags | ACTIVE_TARGETS, FLAG_BITS);
    reader.reset(segment, offset, length);
    int told = MANDATORY_BITS + (length > DependencyDescriptor.MANDATORY_LENGTH ? FLAG_BITS : 0);
    reader.bits(MANDATORY_BITS);
    reader.bits(told - MANDATORY_BITS);
    int targets = structure.decodeTargetCount();
    if (bringsStructure()) {
      long from = reader.position();
      structure.read(reader);
      long end = reader.position();
      reader.reset(segment, offset, length);
      reader.bits(MANDATORY_BITS);
      reader.bits((int) (from - offset * 8) - MANDATORY_BITS);
      out = copyTo(end, dst, out);
    }
    for (int target = targets - 1; target >= 0; target--) {
      out = put(dst, out, (int) (active >> target) & 1, 1);
    }
    if ((flags & ACTIVE_TARGETS) != 0) {
      readMask(targets);
    }
    if ((flags & ~(STRUCTURE | ACTIVE_TARGETS)) != 0) {
      out = copyTo((offset + length) * 8, dst, out);
    }
    return (int) ((out + 7) / 8 - at);
  }

  private long copyTo(long end, MemorySegment dst, long out) {
    long to = out;
    while (reader.position() < end) {
      to = put(dst, to, reader.bits(1), 1);
    }
    return to;
  }

  /** Bytes are cleared as they are begun. */
  private static long put(MemorySegment dst, long bit, int value, int count) {
    for (int i = count - 1; i >= 0; i--, bit++) {
      int shift = 7 - (int) (bit & 7);
      int before = shift == 7 ? 0 : u8(dst, bit >> 3);
      put8(dst, bit >> 3, before | (value >> i & 1) << shift);
    }
    return bit;
  }
}
