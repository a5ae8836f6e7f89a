package live.banyan.sfu.congestion;

/**
 * What a probe proves: packets that left as one come spread by the narrowest place of the path. One
 * probe at a time. Not thread safe.
 */
final class ProbeMeter {
  private static final int ARRIVALS_MIN = 4;

  private int id;
  private long targetBps;
  private int expected;
  private int arrivals;
  private int bytes;
  private long firstArrivalUs;
  private long lastArrivalUs;

  /**
   * A probe leaves.
   *
   * @param id 1 to 127
   * @param targetBps what it shall prove at most
   */
  void begin(int id, long targetBps, int packets) {
    this.id = id;
    this.targetBps = targetBps;
    expected = packets;
    arrivals = 0;
    bytes = 0;
  }

  long targetBps() {
    return targetBps;
  }

  void onArrival(int probe, long arrivalUs, int length) {
    if (probe != id || id == 0) {
      return;
    }
    if (arrivals++ == 0) {
      firstArrivalUs = arrivalUs;
      lastArrivalUs = arrivalUs;
      return; // its bytes came before the clock ran
    }
    bytes += length;
    lastArrivalUs = Math.max(lastArrivalUs, arrivalUs);
  }

  /**
   * The proven rate, once enough of the probe has arrived; then the probe is over.
   *
   * @return bit/s, or -1 while there is none
   */
  long result() {
    if (id == 0 || arrivals < ARRIVALS_MIN || arrivals * 5 < expected * 4) {
      return -1;
    }
    id = 0;
    long spanUs = lastArrivalUs - firstArrivalUs;
    long measured = spanUs <= 0 ? targetBps : bytes * 8_000_000L / spanUs;
    // Below the target the probe has met the bottleneck itself: leave a little room.
    return measured < targetBps ? measured * 95 / 100 : targetBps;
  }
}
