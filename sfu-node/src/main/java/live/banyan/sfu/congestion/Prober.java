package live.banyan.sfu.congestion;

/**
 * Decides when to probe whether a path bears more than is known: only while somebody wants more,
 * not while a queue grows, and ever less often where it is of no use. Not thread safe.
 */
final class Prober {
  /** A probe has at least so many packets, or it tells nothing. */
  static final int PACKETS_MIN = 5;

  static final int PACKETS_MAX = 40;

  private static final long SPAN_US = 15_000;
  private static final int PACKET_BITS = 9_600;
  private static final double STEP = 2;
  private static final double WORTHWHILE = 1.15;
  private static final long INTERVAL_US = 1_000_000;
  private static final long INTERVAL_MAX_US = 6_000_000;
  private static final long AFTER_CONGESTION_US = 2_500_000;

  private long sentUs = Long.MIN_VALUE;
  private long intervalUs = INTERVAL_US;
  private long rateBefore;
  private int id;
  private long targetBps;

  /**
   * Whether a probe is due.
   *
   * @param wantedBps what there is to send, at its best
   * @param congestedUs when a queue last grew; Long.MIN_VALUE: never
   */
  boolean due(long rateBps, long wantedBps, long congestedUs, long nowUs) {
    if (wantedBps <= rateBps) {
      return false;
    }
    if (sentUs != Long.MIN_VALUE) {
      if (nowUs - sentUs < INTERVAL_US) {
        return false;
      }
      if (rateBefore > 0) {
        intervalUs =
            rateBps > rateBefore * WORTHWHILE
                ? INTERVAL_US
                : Math.min(2 * intervalUs, INTERVAL_MAX_US);
        rateBefore = 0;
      }
      if (nowUs - sentUs < intervalUs) {
        return false;
      }
    }
    if (congestedUs != Long.MIN_VALUE && nowUs - congestedUs < AFTER_CONGESTION_US) {
      return false;
    }
    targetBps = Math.min((long) (rateBps * STEP), wantedBps + wantedBps / 8);
    return true;
  }

  /** Packets of a burst that proves the target. */
  int packets() {
    return Math.clamp(targetBps * SPAN_US / 1_000_000 / PACKET_BITS, PACKETS_MIN, PACKETS_MAX);
  }

  /** The probe that was due leaves. @return its number, 1 to 127 */
  int begin(long rateBps, long nowUs) {
    sentUs = nowUs;
    rateBefore = rateBps;
    id = id % 127 + 1;
    return id;
  }

  long targetBps() {
    return targetBps;
  }

  /** The path was seen to have less than before: what it has now is soon worth asking again. */
  void hurry() {
    intervalUs = INTERVAL_US;
  }
}
