package live.banyan.node;

import java.util.function.LongSupplier;

/**
 * How much of its time a thread has a processor. Told by the thread after each turn; read by any. A
 * short burst does not count: of the last two seconds the quieter one does. Nor does waiting for a
 * processor that others have: another thread would wait for it too.
 */
final class Busyness {
  static final long WINDOW_NS = 1_000_000_000L;

  private final LongSupplier cpuNs;
  private long windowNs = Long.MIN_VALUE;
  private long cpuBeforeNs;
  private double before;
  private volatile double share;

  /**
   * Nothing has been done yet.
   *
   * @param cpuNs what the calling thread has had of processors; asked once a second
   */
  Busyness(LongSupplier cpuNs) {
    this.cpuNs = cpuNs;
  }

  /** The thread has turned once more. */
  void turned(long nowNs) {
    if (windowNs == Long.MIN_VALUE) {
      windowNs = nowNs;
      cpuBeforeNs = cpuNs.getAsLong();
    }
    long elapsedNs = nowNs - windowNs;
    if (elapsedNs >= WINDOW_NS) {
      long usedNs = cpuNs.getAsLong();
      double now = (double) (usedNs - cpuBeforeNs) / elapsedNs;
      share = Math.min(before, now);
      before = now;
      windowNs = nowNs;
      cpuBeforeNs = usedNs;
    }
  }

  /** 0 to 1. */
  double share() {
    return share;
  }
}
