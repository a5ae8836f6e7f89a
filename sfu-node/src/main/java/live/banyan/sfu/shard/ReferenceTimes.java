package live.banyan.sfu.shard;

import live.banyan.sfu.rtp.NtpTime;

/**
 * Round trips of a transport measured by extended reports (RFC 3611 §4.4, §4.5): ours as the
 * receiver of a publisher, and the echo for a viewer that asks for one. Not thread safe.
 */
final class ReferenceTimes {
  private int toldId;
  private long toldNs = Long.MIN_VALUE;
  private int heardFrom;
  private int heardId;
  private long heardNs = Long.MIN_VALUE;

  /** Our clock leaves for the far end. */
  void told(long ntp, long nowNs) {
    toldId = NtpTime.compact(ntp);
    toldNs = nowNs;
  }

  /** The far end has told its clock and wants it back. */
  void heard(int from, long ntp, long nowNs) {
    heardFrom = from;
    heardId = NtpTime.compact(ntp);
    heardNs = nowNs;
  }

  /** Whether there is something to echo; taken back by {@link #echoed}. */
  boolean waiting() {
    return heardNs != Long.MIN_VALUE;
  }

  int heardFrom() {
    return heardFrom;
  }

  int heardId() {
    return heardId;
  }

  /** Since it came, in 1/65,536 s. */
  int delay(long nowNs) {
    return NtpTime.compactDuration(nowNs - heardNs);
  }

  void echoed() {
    heardNs = Long.MIN_VALUE;
  }

  /** Our clock has come back: the repairs of all that this transport feeds are timed by it. */
  void onEcho(Transport transport, int reference, int delay, long nowNs) {
    if (toldNs == Long.MIN_VALUE || reference != toldId) {
      return;
    }
    long roundTripNs = nowNs - toldNs - NtpTime.compactToNs(delay);
    toldNs = Long.MIN_VALUE;
    for (int s = 0; roundTripNs >= 0 && s < transport.sources.size(); s++) {
      for (SourceStream stream : transport.sources.get(s).streams) {
        if (stream != null) {
          stream.layer.nack().onRoundTrip(roundTripNs);
        }
      }
    }
  }
}
