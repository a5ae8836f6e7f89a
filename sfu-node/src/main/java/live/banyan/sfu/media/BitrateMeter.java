package live.banyan.sfu.media;

import java.util.Arrays;

/** Bytes per time over the last two seconds, whole quarters of them. Not thread safe. */
final class BitrateMeter {
  private static final long BIN_NS = 250_000_000;
  private static final int BINS = 8;

  private final int[] bytes = new int[BINS + 1];
  private long firstBin = -1;
  private long bin = -1;

  /** Of the whole quarters up to {@link #bin}; asked for much more often than it changes. */
  private long wholeBps = -1;

  void add(long nowNs, int count) {
    advance(nowNs);
    bytes[(int) (bin % bytes.length)] += count;
  }

  private void advance(long nowNs) {
    long now = Math.max(nowNs / BIN_NS, bin);
    if (now == bin) {
      return;
    }
    if (bin < 0 || now - bin > BINS) {
      Arrays.fill(bytes, 0);
      firstBin = bin < 0 ? now : firstBin;
      bin = now;
    }
    while (bin < now) {
      bin++;
      bytes[(int) (bin % bytes.length)] = 0;
    }
    wholeBps = wholeBps();
  }

  /** -1 before there is a whole quarter. */
  private long wholeBps() {
    long whole = Math.min(bin - firstBin, BINS);
    long sum = 0;
    for (long b = bin - whole; b < bin; b++) {
      sum += bytes[(int) (b % bytes.length)];
    }
    return whole == 0 ? -1 : sum * 8_000_000_000L / (whole * BIN_NS);
  }

  /** The rate in bit/s; what has come so far, as if in a whole quarter, before there is one. */
  long bps(long nowNs) {
    if (bin < 0) {
      return 0;
    }
    advance(nowNs);
    return wholeBps >= 0 ? wholeBps : bytes[(int) (bin % bytes.length)] * 8_000_000_000L / BIN_NS;
  }
}
