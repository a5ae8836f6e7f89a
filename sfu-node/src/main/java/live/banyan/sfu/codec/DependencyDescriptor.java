package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * The mandatory fields of the dependency descriptor header extension (RTP Payload Format For AV1,
 * appendix A.8.3), and whether a template structure follows. Accessors trust that {@link #isValid}.
 * Stateless, any thread.
 *
 * <pre>
 *  start of frame, end of frame, template id(6) | frame number(16) | flags(5), where longer than 3
 * </pre>
 */
public final class DependencyDescriptor {
  /** Bytes of the mandatory fields. */
  public static final int MANDATORY_LENGTH = 3;

  private DependencyDescriptor() {}

  public static boolean isValid(int length) {
    return length >= MANDATORY_LENGTH;
  }

  public static boolean startsFrame(MemorySegment segment, long offset) {
    return (u8(segment, offset) & 0x80) != 0;
  }

  public static boolean endsFrame(MemorySegment segment, long offset) {
    return (u8(segment, offset) & 0x40) != 0;
  }

  /** 0 to 63. */
  public static int templateId(MemorySegment segment, long offset) {
    return u8(segment, offset) & 0x3F;
  }

  /** 0 to 65,535; wraps as sequence numbers do. */
  public static int frameNumber(MemorySegment segment, long offset) {
    return u16(segment, offset + 1);
  }

  /** A template structure follows: so it is with every keyframe. See {@link TemplateStructure}. */
  public static boolean hasStructure(MemorySegment segment, long offset, int length) {
    return length > MANDATORY_LENGTH && (u8(segment, offset + 3) & 0x80) != 0;
  }
}
