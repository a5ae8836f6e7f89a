package live.banyan.sfu.congestion;

import java.util.Arrays;

/** Bytes per time over a sliding window of up to 630 ms. Allocates nothing. Not thread safe. */
final class RateWindow {
  private static final long BIN_US = 10_000;
  private static final int BINS = 64;

  /** All bytes so far, up to the end of each bin: a window's are a difference. */
  private final long[] totals = new long[BINS];

  private long newestBin = Long.MIN_VALUE;
  private long firstBin;

  /** Counts bytes at a time; what is older than the window is ignored. */
  void add(long atUs, int count) {
    long bin = Math.floorDiv(atUs, BIN_US);
    if (newestBin == Long.MIN_VALUE) {
      begin(bin);
    }
    while (newestBin < bin) {
      long total = totals[slot(newestBin)];
      if (bin - newestBin >= BINS) {
        Arrays.fill(totals, total);
        newestBin = bin;
      } else {
        newestBin++;
        totals[slot(newestBin)] = total;
      }
    }
    if (newestBin - bin < BINS) {
      for (long later = bin; later <= newestBin; later++) {
        totals[slot(later)] += count;
      }
      firstBin = Math.min(firstBin, bin);
    }
  }

  private void begin(long bin) {
    Arrays.fill(totals, 0);
    newestBin = bin;
    firstBin = bin;
  }

  private static int slot(long bin) {
    return (int) bin & (BINS - 1);
  }

  /**
   * The rate over the newest {@code windowMs}.
   *
   * @param windowMs 10 to 620; the newest bin, still filling, is left out
   * @return bit/s, or -1 where less than the window is known
   */
  long rateBps(int windowMs) {
    int bins = (int) (windowMs * 1_000L / BIN_US);
    if (newestBin == Long.MIN_VALUE || newestBin - firstBin < bins) {
      return -1;
    }
    long sum = totals[slot(newestBin - 1)] - totals[slot(newestBin - 1 - bins)];
    return sum * 8_000 / windowMs;
  }

  void reset() {
    newestBin = Long.MIN_VALUE;
  }
}
