package live.banyan.sfu.rtp;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.packet.NetworkOrder;

/**
 * Values of the header extensions that a node reads or makes. Readers take an element that {@link
 * RtpExtensions#find} returned; {@link RtpHeaderWriter#add(int, long, int)} writes them. Stateless.
 */
public final class ExtensionValues {
  /** Result where the element is missing or of the wrong length. */
  public static final int NONE = -1;

  /** Bytes of an abs-capture-time element without the optional clock offset. */
  public static final int ABS_CAPTURE_TIME_LENGTH = 8;

  private ExtensionValues() {}

  /**
   * Capture time as UQ32.32 NTP of the capturer's clock, see {@link NtpTime}.
   *
   * @return 0 where the element is missing or too short
   */
  public static long absCaptureTime(MemorySegment packet, long element) {
    return element == RtpExtensions.NONE || RtpExtensions.length(element) < ABS_CAPTURE_TIME_LENGTH
        ? 0
        : NetworkOrder.i64(packet, RtpExtensions.offset(element));
  }

  /**
   * Estimated offset of the capturer's clock to the sender's, Q32.32 seconds.
   *
   * @return 0 also where the element does not carry it
   */
  public static long absCaptureClockOffset(MemorySegment packet, long element) {
    return element == RtpExtensions.NONE || RtpExtensions.length(element) < 16
        ? 0
        : NetworkOrder.i64(packet, RtpExtensions.offset(element) + 8);
  }

  /** Transport-wide sequence number, 0 to 65,535, or {@link #NONE}. */
  public static int transportSequence(MemorySegment packet, long element) {
    return element == RtpExtensions.NONE || RtpExtensions.length(element) < 2
        ? NONE
        : NetworkOrder.u16(packet, RtpExtensions.offset(element));
  }

  /** When a packet left: 24 bits, 6 of seconds and 18 of their fraction; or {@link #NONE}. */
  public static int absSendTime(MemorySegment packet, long element) {
    return element == RtpExtensions.NONE || RtpExtensions.length(element) < 3
        ? NONE
        : NetworkOrder.u24(packet, RtpExtensions.offset(element));
  }

  /** Audio level in -dBov, 0 (loudest) to 127 (silence), or {@link #NONE} (RFC 6464). */
  public static int audioLevel(MemorySegment packet, long element) {
    return element == RtpExtensions.NONE || RtpExtensions.length(element) < 1
        ? NONE
        : NetworkOrder.u8(packet, RtpExtensions.offset(element)) & 0x7F;
  }

  /** The encoder believes that this is speech (RFC 6464). */
  public static boolean voiceActivity(MemorySegment packet, long element) {
    return element != RtpExtensions.NONE
        && RtpExtensions.length(element) >= 1
        && (NetworkOrder.u8(packet, RtpExtensions.offset(element)) & 0x80) != 0;
  }

  /** Whether the element's bytes are exactly {@code expected}: mid and rid without a String. */
  public static boolean matches(MemorySegment packet, long element, byte[] expected) {
    if (element == RtpExtensions.NONE || RtpExtensions.length(element) != expected.length) {
      return false;
    }
    long offset = RtpExtensions.offset(element);
    for (int i = 0; i < expected.length; i++) {
      if (NetworkOrder.u8(packet, offset + i) != (expected[i] & 0xFF)) {
        return false;
      }
    }
    return true;
  }
}
