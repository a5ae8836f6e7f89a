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
   * @param takesUs what the packet takes of a path that bears what is thought
   * @param waitedUs what it waited, as far as is known
   * @return what it waited beyond the time that those before it would have taken
   */
  long excessUs(long sentUs, long takesUs, long waitedUs) {
    long expectedUs = Math.max(0, freeUs - sentUs);
    // A path that bears more than is thought leaves less to wait for.
    long leftUs = Math.min(expectedUs, Math.max(0, waitedUs));
    freeUs = sentUs + leftUs + takesUs;
    return waitedUs - expectedUs;
  }
}
