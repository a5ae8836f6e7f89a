package live.banyan.sfu.sctp;

/** Round trip and retransmission timeout of RFC 9260 §6.3.1. */
final class RoundTrip {
  private final SctpConfig config;
  private long smoothedNs = -1;
  private long variationNs;
  private long rtoNs;

  RoundTrip(SctpConfig config) {
    this.config = config;
    this.rtoNs = config.rtoInitialNs();
  }

  long rtoNs() {
    return rtoNs;
  }

  /** Takes the time between a packet that was sent once and its acknowledgement. */
  void onSample(long ns) {
    if (smoothedNs < 0) {
      smoothedNs = ns;
      variationNs = ns / 2;
    } else {
      variationNs += (Math.abs(smoothedNs - ns) - variationNs) / 4;
      smoothedNs += (ns - smoothedNs) / 8;
    }
    rtoNs = Math.clamp(smoothedNs + 4 * variationNs, config.rtoMinNs(), config.rtoMaxNs());
  }

  void backOff() {
    rtoNs = Math.min(2 * rtoNs, config.rtoMaxNs());
  }
}
