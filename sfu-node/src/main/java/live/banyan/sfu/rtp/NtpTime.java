package live.banyan.sfu.rtp;

/**
 * NTP timestamps in UQ32.32: seconds since 1900 in the upper, fractions in the lower 32 bits (RFC
 * 3550 §4). Stateless, any thread. Wall clock comes from the caller.
 */
public final class NtpTime {
  /** Seconds from 1900 to 1970. */
  private static final long EPOCH_OFFSET_SECONDS = 2_208_988_800L;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private NtpTime() {}

  /**
   * @param epochNs nanoseconds since 1970
   */
  public static long ofEpochNs(long epochNs) {
    long seconds = Math.floorDiv(epochNs, NANOS_PER_SECOND);
    long nanos = Math.floorMod(epochNs, NANOS_PER_SECOND);
    return (seconds + EPOCH_OFFSET_SECONDS) << 32 | fraction(nanos);
  }

  private static long fraction(long nanos) {
    return (nanos << 32) / NANOS_PER_SECOND;
  }

  /** Nanoseconds since 1970, with NTP era 1 (from 2036) for small values. */
  public static long toEpochNs(long ntp) {
    long seconds = ntp >>> 32;
    if (seconds < EPOCH_OFFSET_SECONDS) {
      seconds += 1L << 32;
    }
    return (seconds - EPOCH_OFFSET_SECONDS) * NANOS_PER_SECOND + fractionNs(ntp);
  }

  private static long fractionNs(long ntp) {
    // Rounded, so that a value survives both ways.
    return ((ntp & 0xFFFF_FFFFL) * NANOS_PER_SECOND + (1L << 31)) >>> 32;
  }

  /** The middle 32 bits: what a report block calls LSR. */
  public static int compact(long ntp) {
    return (int) (ntp >>> 16);
  }

  /** A duration in units of 1/65,536 s, as DLSR; longest about 18 hours. */
  public static int compactDuration(long durationNs) {
    long seconds = durationNs / NANOS_PER_SECOND;
    long rest = durationNs % NANOS_PER_SECOND;
    return (int) (seconds << 16 | (rest << 16) / NANOS_PER_SECOND);
  }

  /** Nanoseconds of a duration in units of 1/65,536 s. */
  public static long compactToNs(int compact) {
    return (compact & 0xFFFF_FFFFL) * NANOS_PER_SECOND >>> 16;
  }

  /**
   * Round trip from a report block (RFC 3550 §6.4.1): A - LSR - DLSR.
   *
   * @return nanoseconds, never negative; -1 where the far end has not seen a sender report
   */
  public static long roundTripNs(
      long nowNtp, int lastSenderReport, int delaySinceLastSenderReport) {
    if (lastSenderReport == 0) {
      return -1;
    }
    int roundTrip = compact(nowNtp) - lastSenderReport - delaySinceLastSenderReport;
    return roundTrip < 0 ? 0 : compactToNs(roundTrip);
  }

  /** 24-bit abs-send-time: seconds in 6.18 fixed point, wraps every 64 s. */
  public static int absSendTime(long ntp) {
    return (int) (ntp >>> 14) & 0xFF_FFFF;
  }
}
