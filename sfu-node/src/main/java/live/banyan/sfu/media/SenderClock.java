package live.banyan.sfu.media;

import live.banyan.sfu.rtp.NtpTime;

/**
 * The line between a sender's NTP clock and its RTP timestamps, from its last sender report (RFC
 * 3550 §6.4.1). Sender reports of ours lie on the same line, so that lip sync survives every hop.
 */
public final class SenderClock {
  private boolean known;
  private long epochNs;
  private int rtp;
  private long arrivalNs;

  /** Takes in a sender report. */
  public void onSenderReport(long ntp, int rtpTimestamp, long nowNs) {
    known = true;
    epochNs = NtpTime.toEpochNs(ntp);
    rtp = rtpTimestamp;
    arrivalNs = nowNs;
  }

  /** Assumes a line where the sender reports nothing; the next report replaces it. */
  public void assume(long assumedEpochNs, int rtpTimestamp, long nowNs) {
    known = true;
    epochNs = assumedEpochNs;
    rtp = rtpTimestamp;
    arrivalNs = nowNs;
  }

  public boolean known() {
    return known;
  }

  /** The sender's clock at {@code nowNs}, as NTP. */
  public long ntpAt(long nowNs) {
    return NtpTime.ofEpochNs(epochNs + (nowNs - arrivalNs));
  }

  /** The sender's RTP timestamp at {@code nowNs}. */
  public int rtpAt(long nowNs, int clockRateHz) {
    return rtp + (int) ((nowNs - arrivalNs) / 1_000 * clockRateHz / 1_000_000);
  }
}
