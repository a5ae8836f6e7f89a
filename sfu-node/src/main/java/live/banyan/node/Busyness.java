package live.banyan.node;

/**
 * How much of its time a thread works. Told by the thread after each turn; read by any. A short
 * burst does not count: of the last two seconds the quieter one does.
 */
final class Busyness {
  static final long WINDOW_NS = 1_000_000_000L;

  private long windowNs = Long.MIN_VALUE;
  private long workedNs;
  private double before;
  private volatile double share;

  /** The thread has worked from one time to another, and has nothing to do now. */
  void worked(long fromNs, long toNs) {
    if (windowNs == Long.MIN_VALUE) {
      windowNs = fromNs;
    }
    workedNs += toNs - fromNs;
    long elapsedNs = toNs - windowNs;
    if (elapsedNs >= WINDOW_NS) {
      double now = (double) workedNs / elapsedNs;
      share = Math.min(before, now);
      before = now;
      windowNs = toNs;
      workedNs = 0;
    }
  }

  /** 0 to 1. */
  double share() {
    return share;
  }
}
