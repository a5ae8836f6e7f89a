package live.banyan.sfu.congestion;

/**
 * The loss-based rate (draft-ietf-rmcat-gcc-02 §6): down when more than a tenth is lost, up when
 * hardly anything is. Loss that comes without a queue belongs to the path, so up to {@link
 * #BASELINE_MAX} of it is borne: backing off would not cure it. Not thread safe.
 */
final class LossLimit {
  /** Limits nothing. */
  static final long NONE = Long.MAX_VALUE;

  private static final double HIGH = 0.10;
  private static final double LOW = 0.02;

  /** More loss than this without a queue is a policer, and not borne. */
  private static final double BASELINE_MAX = 0.08;

  private static final double BASELINE_SMOOTHING = 0.1;
  private static final int PACKETS_MIN = 50;
  private static final int PACKETS_FEW = 20;
  private static final long INTERVAL_US = 500_000;
  private static final double GROWTH = 1.04;
  private static final double SLOW_GROWTH = 1.02;

  private long limitBps = NONE;
  private int lost;
  private int received;
  private double fraction;
  private double baseline;
  private long sinceUs = Long.MIN_VALUE;

  long limitBps() {
    return limitBps;
  }

  /** Loss of the last whole interval, 0 to 1. */
  double fraction() {
    return fraction;
  }

  /** Loss that comes whether or not there is a queue, 0 to {@link #BASELINE_MAX}. */
  double baseline() {
    return baseline;
  }

  /** A packet that was called missing has come. */
  void recant() {
    lost = Math.max(0, lost - 1);
  }

  void missing() {
    lost++;
  }

  void received() {
    received++;
  }

  /** So many at once, of a receiver's own count. */
  void count(int receivedPackets, int lostPackets) {
    received += receivedPackets;
    lost += lostPackets;
  }

  /**
   * Looks at an interval once it is long enough.
   *
   * @param rateBps what the other controller would send
   * @param queued whether packets wait on the path
   */
  void update(long rateBps, boolean queued, long nowUs) {
    if (sinceUs == Long.MIN_VALUE) {
      sinceUs = nowUs;
    }
    int packets = lost + received;
    long elapsedUs = nowUs - sinceUs;
    boolean enough = packets >= PACKETS_MIN || elapsedUs >= 2 * INTERVAL_US;
    if (elapsedUs < INTERVAL_US || packets < PACKETS_FEW || !enough) {
      return;
    }
    fraction = (double) lost / packets;
    if (!queued) {
      double borne = Math.min(fraction, BASELINE_MAX);
      baseline += BASELINE_SMOOTHING * (borne - baseline);
    }
    if (fraction > HIGH + baseline) {
      limitBps = (long) (Math.min(limitBps, rateBps) * (1 - 0.5 * (fraction - baseline)));
    } else if (limitBps != NONE && (fraction < LOW || !queued)) {
      limitBps = (long) (limitBps * (fraction < LOW ? GROWTH : SLOW_GROWTH));
    }
    if (limitBps > 2 * rateBps) {
      limitBps = NONE;
    }
    lost = 0;
    received = 0;
    sinceUs = nowUs;
  }

  /** A probe has shown that so much passes. */
  void raise(long bps) {
    if (limitBps != NONE) {
      limitBps = Math.max(limitBps, bps);
    }
  }
}
