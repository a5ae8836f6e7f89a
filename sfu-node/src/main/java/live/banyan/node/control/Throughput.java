package live.banyan.node.control;

/** Bits per second from byte counters, over the time between two looks. Safe from any thread. */
final class Throughput {
  /** Looks closer together than this repeat the former answer. */
  private static final long MIN_NS = 500_000_000L;

  record Rates(long bitsPerSecondIn, long bitsPerSecondOut) {}

  private long lastNs = Long.MIN_VALUE;
  private long lastIn;
  private long lastOut;
  private Rates last = new Rates(0, 0);

  synchronized Rates rates(long bytesIn, long bytesOut, long nowNs) {
    if (lastNs == Long.MIN_VALUE) {
      remember(bytesIn, bytesOut, nowNs);
    } else if (nowNs - lastNs >= MIN_NS) {
      double seconds = (nowNs - lastNs) / 1e9;
      last =
          new Rates(
              (long) (8 * (bytesIn - lastIn) / seconds),
              (long) (8 * (bytesOut - lastOut) / seconds));
      remember(bytesIn, bytesOut, nowNs);
    }
    return last;
  }

  private void remember(long bytesIn, long bytesOut, long nowNs) {
    lastIn = bytesIn;
    lastOut = bytesOut;
    lastNs = nowNs;
  }
}
