package live.banyan.sfu.congestion;

/**
 * How long packets would wait if the path bore exactly what is thought: their own burst before them
 * is no news, whatever they wait beyond it is. Not thread safe.
 */
final class ExpectedQueue {
  private long freeUs = Long.MIN_VALUE / 2;

  /**
   * A packet arrived; in the order of sequence numbers.
   *
   * @param waitedUs what it waited, as far as is known
   * @param rateBps what the path is thought to bear
   * @return what it waited beyond the time that those before it would have taken
   */
  long excessUs(long sentUs, int bytes, long waitedUs, long rateBps) {
    long expectedUs = Math.max(0, freeUs - sentUs);
    // A path that bears more than is thought leaves less to wait for.
    long leftUs = Math.min(expectedUs, Math.max(0, waitedUs));
    freeUs = sentUs + leftUs + bytes * 8_000_000L / rateBps;
    return waitedUs - expectedUs;
  }
}
