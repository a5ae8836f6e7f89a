package live.banyan.sfu.sctp;

/** Congestion window of RFC 9260 §7.2, in bytes of payload. */
final class CongestionWindow {
  private final int packetBytes;
  private int window;
  private int threshold = Integer.MAX_VALUE;
  private int partial;
  private boolean recovering;
  private long recoveryExit;

  CongestionWindow(int packetBytes) {
    this.packetBytes = packetBytes;
    // As RFC 6928 has it for TCP, and Chromium for SCTP.
    this.window = 10 * packetBytes;
  }

  int bytes() {
    return window;
  }

  boolean recovering() {
    return recovering;
  }

  /**
   * Grows.
   *
   * @param flight bytes in flight before the acknowledgement: a window that is not used says
   *     nothing about the path
   */
  void onAcked(int bytes, boolean cumulative, int flight) {
    if (!cumulative || recovering) {
      return;
    }
    boolean used = flight + packetBytes > window;
    if (window <= threshold) {
      if (used) {
        window = clamp((long) window + Math.min(bytes, packetBytes));
      }
      return;
    }
    partial = clamp((long) partial + bytes);
    if (partial >= window) {
      partial = used ? partial - window : window;
      window = used ? clamp((long) window + packetBytes) : window;
    }
  }

  /** Some fragment has been found missing. */
  void onLoss(long highestOutstanding) {
    if (!recovering) {
      recovering = true;
      recoveryExit = highestOutstanding;
      threshold = Math.max(window / 2, 4 * packetBytes);
      window = threshold;
      partial = 0;
    }
  }

  void onCumulative(long tsn) {
    if (recovering && tsn >= recoveryExit) {
      recovering = false;
    }
  }

  void onTimeout() {
    threshold = Math.max(window / 2, 4 * packetBytes);
    window = packetBytes;
    partial = 0;
    recovering = false;
  }

  private static int clamp(long bytes) {
    return (int) Math.min(bytes, 1 << 24);
  }
}
