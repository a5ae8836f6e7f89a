package live.banyan.sfu.congestion;

import java.util.Arrays;

/** Bytes per time over a sliding window of up to 640 ms. Allocates nothing. Not thread safe. */
final class RateWindow {
  private static final long BIN_US = 10_000;
  private static final int BINS = 64;

  private final int[] bytes = new int[BINS];
  private long newestBin = Long.MIN_VALUE;
  private long firstBin;

  /** Counts bytes at a time; what is older than the window is ignored. */
  void add(long atUs, int count) {
    long bin = Math.floorDiv(atUs, BIN_US);
    if (newestBin == Long.MIN_VALUE || bin - newestBin >= BINS) {
      Arrays.fill(bytes, 0);
      firstBin = newestBin == Long.MIN_VALUE ? bin : firstBin;
      newestBin = bin;
    }
    while (newestBin < bin) {
      newestBin++;
      bytes[(int) Math.floorMod(newestBin, (long) BINS)] = 0;
    }
    if (newestBin - bin < BINS) {
      bytes[(int) Math.floorMod(bin, (long) BINS)] += count;
      firstBin = Math.min(firstBin, bin);
    }
  }

  /**
   * The rate over the newest {@code windowMs}.
   *
   * @param windowMs 10 to 630; the newest bin, still filling, is left out
   * @return bit/s, or -1 where less than the window is known
   */
  long rateBps(int windowMs) {
    int bins = (int) (windowMs * 1_000L / BIN_US);
    if (newestBin == Long.MIN_VALUE || newestBin - firstBin < bins) {
      return -1;
    }
    long sum = 0;
    for (long bin = newestBin - bins; bin < newestBin; bin++) {
      sum += bytes[(int) Math.floorMod(bin, (long) BINS)];
    }
    return sum * 8_000 / windowMs;
  }

  void reset() {
    newestBin = Long.MIN_VALUE;
  }
}
