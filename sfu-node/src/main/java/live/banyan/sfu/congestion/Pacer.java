package live.banyan.sfu.congestion;

/**
 * Spreads what leaves towards one receiver: a bucket that fills at a multiple of what the path
 * bears. Free of any effect until a queue has been seen, so that who has plenty of room gets each
 * packet at once. Not thread safe.
 */
final class Pacer {
  /** Media may leave so much faster than the estimate: frames come in bursts. */
  private static final double SPEED = 2;

  private static final double DRAIN_SPEED = 0.75;

  /** What may leave at once. */
  private static final long BURST_US = 10_000;

  private static final int BURST_BYTES_MIN = 3_000;

  private static final double DEBT_DEPTHS = 2;

  /** How long a queue is remembered. */
  static final long WARY_US = 10_000_000;

  private double tokens;
  private long filledUs = Long.MIN_VALUE;

  /** Whether a packet may leave. */
  boolean admits(long rateBps, boolean draining, long nowUs) {
    double bytesPerUs = rateBps * (draining ? DRAIN_SPEED : SPEED) / 8e6;
    double depth = Math.max(BURST_BYTES_MIN, bytesPerUs * BURST_US);
    long elapsedUs = filledUs == Long.MIN_VALUE ? BURST_US : nowUs - filledUs;
    // What left before the rate fell, or had to leave at once, is not paid for at length.
    tokens = Math.clamp(tokens + elapsedUs * bytesPerUs, -DEBT_DEPTHS * depth, depth);
    filledUs = nowUs;
    return tokens > 0;
  }

  /** A packet left, whether or not it was asked for; debts are paid by those that follow. */
  void sent(int bytes) {
    tokens -= bytes;
  }
}
