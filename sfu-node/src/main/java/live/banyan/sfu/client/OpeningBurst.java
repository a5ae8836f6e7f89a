package live.banyan.sfu.client;

/**
 * Tells when a viewer has caught up. It is first sent what came since the last keyframe, and how
 * old that is says nothing of the path. A node runs the RTP clock of such frames slower than they
 * were captured, so that the viewer's buffer does not grow by the burst's length; from the first
 * frame on that keeps the time both clocks agree. Not thread safe.
 */
final class OpeningBurst {
  private boolean over;
  private boolean begun;
  private int timestamp;
  private long captureNs;

  /**
   * Whether the burst is over with a packet; once over it stays so.
   *
   * @param rtpTimestamp of the packet's frame
   * @param capturedNs when that was captured, by any clock
   */
  boolean over(int rtpTimestamp, int clockRateHz, long capturedNs) {
    if (over) {
      return true;
    }
    int ticks = rtpTimestamp - timestamp;
    if (begun && ticks <= 0) {
      return false; // of the same frame, or late
    }
    long mediaNs = ticks * 1_000_000_000L / clockRateHz;
    over = begun && 2 * mediaNs >= capturedNs - captureNs;
    begun = true;
    timestamp = rtpTimestamp;
    captureNs = capturedNs;
    return over;
  }
}
