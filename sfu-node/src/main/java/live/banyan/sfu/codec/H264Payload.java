package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/**
 * H.264 payloads in packetization modes 0 and 1 (RFC 6184 §5): single NAL units, STAP-A and FU-A.
 * Stateless, any thread.
 */
public final class H264Payload {
  /** Coded slice of a non-IDR picture. */
  public static final int SLICE = 1;

  /** Coded slice of an IDR picture. */
  public static final int IDR = 5;

  /** Supplemental enhancement information. */
  public static final int SEI = 6;

  /** Sequence parameter set. */
  public static final int SPS = 7;

  /** Picture parameter set. */
  public static final int PPS = 8;

  /** Access unit delimiter. */
  public static final int AUD = 9;

  /** Several NAL units, each behind its length in two bytes. */
  public static final int STAP_A = 24;

  /** A piece of one NAL unit. */
  public static final int FU_A = 28;

  private H264Payload() {}

  /** Type of a NAL unit or of the packet around it, from the first byte. */
  public static int type(int header) {
    return header & 0x1F;
  }

  /**
   * Whether the payload begins an IDR picture, or carries the parameter sets before one. True for
   * several packets of one keyframe; compare timestamps.
   */
  public static boolean isKeyframeStart(MemorySegment payload, long offset, int length) {
    return scan(payload, offset, length, true);
  }

  /**
   * Whether the payload can be the first of an access unit: delimiter, parameter sets, SEI, or a
   * slice that begins with macroblock 0. True for several packets of one picture; compare
   * timestamps.
   */
  public static boolean startsFrame(MemorySegment payload, long offset, int length) {
    return scan(payload, offset, length, false);
  }

  private static boolean scan(MemorySegment payload, long offset, int length, boolean key) {
    if (length < 1) {
      return false;
    }
    int header = u8(payload, offset);
    return switch (type(header)) {
      case STAP_A -> scanAggregate(payload, offset + 1, offset + length, key);
      case FU_A -> length >= 3 && isFragmentStart(payload, offset, length, key);
      default -> matches(payload, offset, length, type(header), key);
    };
  }

  private static boolean scanAggregate(MemorySegment payload, long start, long end, boolean key) {
    long at = start;
    while (at + 2 < end) {
      int size = u16(payload, at);
      if (size == 0 || at + 2 + size > end) {
        return false;
      }
      if (matches(payload, at + 2, size, type(u8(payload, at + 2)), key)) {
        return true;
      }
      at += 2 + size;
    }
    return false;
  }

  private static boolean isFragmentStart(
      MemorySegment payload, long offset, int length, boolean key) {
    int header = u8(payload, offset + 1);
    return (header & 0x80) != 0 && matches(payload, offset + 1, length - 1, type(header), key);
  }

  /** {@code offset} is that of the byte before the NAL unit's content. */
  private static boolean matches(
      MemorySegment payload, long offset, int length, int type, boolean key) {
    return switch (type) {
      case IDR -> isFirstSlice(payload, offset, length);
      case SLICE -> !key && isFirstSlice(payload, offset, length);
      case SPS -> true;
      case SEI, PPS, AUD -> !key;
      default -> false;
    };
  }

  /** first_mb_in_slice is 0: an Exp-Golomb code of a single 1 bit. */
  private static boolean isFirstSlice(MemorySegment payload, long offset, int length) {
    return length >= 2 && (u8(payload, offset + 1) & 0x80) != 0;
  }

  /**
   * nal_ref_idc of the first NAL unit: 0 where no other picture refers to this one.
   *
   * @return 0 to 3
   */
  public static int referenceIdc(MemorySegment payload, long offset) {
    return u8(payload, offset) >> 5 & 0x03;
  }
}
