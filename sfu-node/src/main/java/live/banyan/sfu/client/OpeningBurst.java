package live.banyan.sfu.client;

/**
 * Tells when a viewer has caught up: it is first sent what came since the last keyframe, all at
 * once, and how old that is says nothing of the path. Not thread safe.
 */
final class OpeningBurst {
  /** Frames that follow each other faster than this, by capture time, are catching up. */
  private static final int SPEED = 2;

  /** Live frames may come a little early, too. */
  private static final long JITTER_NS = 5_000_000;

  private boolean over;
  private boolean begun;
  private int timestamp;
  private long captureNs;
  private long arrivalNs;

  /**
   * Whether the burst is over with a packet; once over it stays so.
   *
   * @param rtpTimestamp of the packet's frame
   * @param capturedNs when that was captured, by any clock
   */
  boolean over(int rtpTimestamp, long capturedNs, long nowNs) {
    if (over) {
      return true;
    }
    if (begun && rtpTimestamp - timestamp <= 0) {
      return false; // of the same frame, or late
    }
    long mediaNs = capturedNs - captureNs;
    over = begun && mediaNs <= SPEED * (nowNs - arrivalNs) + JITTER_NS;
    begun = true;
    timestamp = rtpTimestamp;
    captureNs = capturedNs;
    arrivalNs = nowNs;
    return over;
  }
}
