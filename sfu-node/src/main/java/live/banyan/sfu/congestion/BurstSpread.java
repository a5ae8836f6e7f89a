package live.banyan.sfu.congestion;

/**
 * How packets that left as one are spread by the path's narrow place: within a single frame it
 * tells a collapse of the capacity, which the queue before the next frame tells a frame later. Also
 * the rate at which packets came last. Not thread safe.
 */
final class BurstSpread {
  private static final int PACKETS_MIN = 5;
  private static final long SPAN_MIN_US = 30_000;
  private static final int RECENT = 16;
  private static final int RECENT_MASK = RECENT - 1;
  private static final long RECENT_SPAN_US = 40_000;
  private static final int RECENT_MIN = 4;

  private final long[] recentUs = new long[RECENT];
  private final int[] recentBytes = new int[RECENT];
  private int recent;

  private int packets;
  private int bytes;
  private long firstUs;
  private long lastUs;
  private long widestGapUs;

  /**
   * A packet arrived.
   *
   * @param begins whether it begins a group of packets that left together
   */
  void add(boolean begins, long arrivalUs, int length) {
    recentUs[recent & RECENT_MASK] = arrivalUs;
    recentBytes[recent & RECENT_MASK] = length;
    recent++;
    if (begins) {
      packets = 1;
      bytes = 0;
      widestGapUs = 0;
      firstUs = arrivalUs;
      lastUs = arrivalUs;
      return;
    }
    packets++;
    bytes += length;
    widestGapUs = Math.max(widestGapUs, arrivalUs - lastUs);
    lastUs = Math.max(lastUs, arrivalUs);
  }

  /**
   * Whether the burst so far came evenly at less than half of a rate. A pause within it is some
   * radio's, not the queue's.
   */
  boolean slowerThanHalf(long rateBps) {
    long spanUs = lastUs - firstUs;
    return packets >= PACKETS_MIN
        && spanUs >= SPAN_MIN_US
        && widestGapUs * 2 <= spanUs
        && bytes * 8_000_000L / spanUs < rateBps / 2;
  }

  /**
   * The rate of the last few packets, in bit/s; -1 where there are too few. Packets that came all
   * at once have no end of a rate.
   */
  long recentBps() {
    int known = Math.min(recent, RECENT);
    if (known == RECENT && spanUs(RECENT - 1) == 0) {
      return Long.MAX_VALUE;
    }
    long sum = 0;
    for (int back = 1; back < known; back++) {
      sum += recentBytes[recent - back & RECENT_MASK];
      long spanUs = spanUs(back);
      boolean last = back == known - 1;
      if (back >= RECENT_MIN - 1 && spanUs > 0 && (last || spanUs >= RECENT_SPAN_US)) {
        return sum * 8_000_000L / spanUs;
      }
    }
    return -1;
  }

  private long spanUs(int back) {
    return recentUs[recent - 1 & RECENT_MASK] - recentUs[recent - 1 - back & RECENT_MASK];
  }

  void reset() {
    recent = 0;
    packets = 0;
  }
}
