package live.banyan.sfu.congestion;

import live.banyan.sfu.congestion.OveruseDetector.Usage;

/**
 * The delay-based rate: up by a share while the path's capacity is unknown, by about a packet per
 * round trip near where it last gave out, and down to a share of what arrived when a queue grows
 * (draft-ietf-rmcat-gcc-02 §5.5). Not thread safe.
 */
final class AimdRate {
  private static final double BETA = 0.85;

  /** With a queue that rose steeply there is more to drain. */
  private static final double BETA_STEEP = 0.75;

  private static final double GROWTH_PER_SECOND = 1.08;
  private static final long LATELY_US = 10_000_000;
  private static final double LATELY_SHARE = 0.2;

  /** Times the root of the rate, in bit/s a second: 8% at 2.25 Mbit/s, 16% at 0.56. */
  private static final double LATELY_GROWTH = 120;

  private static final double BEYOND_ACKED = 1.5;
  private static final long BEYOND_ACKED_BPS = 10_000;
  private static final long INCREASE_MIN_BPS = 4_000;
  private static final double PACKET_BITS = 9_600;
  private static final long PAUSE_US = 200_000;
  private static final double CAPACITY_SMOOTHING = 0.05;

  private long rateBps;
  private long changedUs = Long.MIN_VALUE;
  private long decreasedUs = Long.MIN_VALUE;
  private boolean hold;

  // Mean of what arrived when queues grew, and its variance over the mean, in kbit/s; -1: unknown.
  private double capacityKbps = -1;
  private double capacityVariance = 0.4;

  AimdRate(long startBps) {
    rateBps = startBps;
  }

  long rateBps() {
    return rateBps;
  }

  /** When a growing queue last brought the rate down; Long.MIN_VALUE: never. */
  long decreasedUs() {
    return decreasedUs;
  }

  /** Goes up at once, to what a probe has shown to pass. */
  void raise(long bps, long nowUs) {
    if (bps > rateBps) {
      rateBps = bps;
      changedUs = nowUs;
    }
  }

  /**
   * Takes in what one feedback told.
   *
   * @param ackedBps what arrived lately, -1 where unknown
   * @param newestSentUs when the newest packet left that the feedback speaks of
   */
  void update(
      Usage usage, boolean steep, long ackedBps, long rttUs, long newestSentUs, long nowUs) {
    switch (steep ? Usage.OVER : usage) {
      case OVER -> decrease(steep, ackedBps, newestSentUs, nowUs);
      case UNDER -> hold = true;
      case NORMAL -> {
        if (hold) {
          hold = false;
          changedUs = nowUs;
        } else {
          increase(ackedBps, rttUs, nowUs);
        }
      }
    }
  }

  private void decrease(boolean steep, long ackedBps, long newestSentUs, long nowUs) {
    hold = true;
    if (ackedBps < 0) {
      return;
    }
    boolean soon = decreasedUs != Long.MIN_VALUE && newestSentUs - decreasedUs < PAUSE_US;
    // What left before the last decrease still arrives: only a much lower capacity is news.
    if (soon && ackedBps > rateBps * 0.6) {
      return;
    }
    learn(ackedBps / 1e3);
    rateBps = Math.min(rateBps, (long) ((steep ? BETA_STEEP : BETA) * ackedBps));
    decreasedUs = nowUs;
    changedUs = nowUs;
  }

  private void learn(double ackedKbps) {
    if (capacityKbps >= 0 && Math.abs(ackedKbps - capacityKbps) > 3 * deviation()) {
      capacityKbps = -1;
    }
    if (capacityKbps < 0) {
      capacityKbps = ackedKbps;
      return;
    }
    double error = ackedKbps - capacityKbps;
    capacityKbps += CAPACITY_SMOOTHING * error;
    double normalised = error * error / Math.max(1, capacityKbps);
    capacityVariance += CAPACITY_SMOOTHING * (normalised - capacityVariance);
    capacityVariance = Math.clamp(capacityVariance, 0.4, 2.5);
  }

  private double deviation() {
    return Math.sqrt(capacityVariance * Math.max(1, capacityKbps));
  }

  /** Steps by a share of the rate would keep two flows as unequal as they are. */
  private double growth(double seconds, long nowUs) {
    boolean lately = decreasedUs != Long.MIN_VALUE && nowUs - decreasedUs < LATELY_US;
    return lately
        ? Math.min(rateBps * LATELY_SHARE, Math.sqrt(rateBps) * LATELY_GROWTH) * seconds
        : rateBps * (Math.pow(GROWTH_PER_SECOND, seconds) - 1);
  }

  private void increase(long ackedBps, long rttUs, long nowUs) {
    if (changedUs == Long.MIN_VALUE) {
      changedUs = nowUs;
      return;
    }
    double seconds = Math.clamp((nowUs - changedUs) / 1e6, 0, 1);
    if (capacityKbps >= 0 && ackedBps / 1e3 > capacityKbps + 3 * deviation()) {
      capacityKbps = -1;
    }
    boolean near = capacityKbps >= 0 && rateBps / 1e3 > capacityKbps - 3 * deviation();
    double step =
        near
            ? Math.max(INCREASE_MIN_BPS, PACKET_BITS * 1e6 / (rttUs + 100_000)) * seconds
            : growth(seconds, nowUs);
    long next = rateBps + (long) step;
    if (ackedBps >= 0) {
      // A source that sends little proves little.
      next = Math.min(next, (long) (BEYOND_ACKED * ackedBps) + BEYOND_ACKED_BPS);
    }
    rateBps = Math.max(rateBps, next);
    changedUs = nowUs;
  }
}
