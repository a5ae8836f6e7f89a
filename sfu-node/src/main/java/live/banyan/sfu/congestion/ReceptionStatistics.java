package live.banyan.sfu.congestion;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.NtpTime;

/**
 * Loss and jitter of one received SSRC, and its report block (RFC 3550 §6.4.1, appendices A.3 and
 * A.8). Not thread safe.
 */
public final class ReceptionStatistics {
  /** A jump by more is a pause of the sender's, not loss (RFC 3550, appendix A.1). */
  private static final int DROPOUT_MAX = 3000;

  private final int clockRateHz;
  private long firstIndex = -1;
  private long highestIndex = -1;
  private long received;
  private long expectedAtReport;
  private long receivedAtReport;
  private int fractionLost;

  private long zeroNs;
  private int lastTransit;

  /** Sixteen times the jitter, as in A.8, so that integers suffice. */
  private long scaledJitter;

  private int lastSenderReport;
  private long lastSenderReportNs;

  /**
   * @param clockRateHz RTP timestamp units per second
   */
  public ReceptionStatistics(int clockRateHz) {
    this.clockRateHz = clockRateHz;
  }

  /**
   * A packet arrived for the first time; repetitions do not count. Whether a retransmitted packet
   * counts is the caller's choice: counted, it takes its loss back.
   *
   * @param index unwrapped sequence number
   */
  public void received(long index, int timestamp, long nowNs) {
    received++;
    if (firstIndex < 0) {
      firstIndex = index;
      highestIndex = index;
      zeroNs = nowNs;
      lastTransit = -timestamp;
      return;
    }
    if (index - highestIndex > DROPOUT_MAX) {
      firstIndex += index - highestIndex - 1;
    }
    highestIndex = Math.max(highestIndex, index);
    // Each packet in the order of arrival, those of one frame too (RFC 3550 §6.4.1, §6.4.4):
    // whoever
    // reads reports relies on the formula, and a receiver has to buffer what a sender paces.
    updateJitter(timestamp, nowNs);
  }

  private void updateJitter(int timestamp, long nowNs) {
    int transit = (int) arrivalUnits(nowNs) - timestamp;
    int change = transit - lastTransit;
    lastTransit = transit;
    // A jump of many seconds is a new clock, not jitter.
    if (change != Integer.MIN_VALUE && Math.abs(change) < 5 * clockRateHz) {
      scaledJitter += Math.abs(change) - ((scaledJitter + 8) >> 4);
    }
  }

  private long arrivalUnits(long nowNs) {
    long elapsed = nowNs - zeroNs;
    return elapsed / 1_000_000_000 * clockRateHz
        + elapsed % 1_000_000_000 * clockRateHz / 1_000_000_000;
  }

  /** A sender report of this SSRC arrived. */
  public void senderReport(long ntp, long nowNs) {
    lastSenderReport = NtpTime.compact(ntp);
    lastSenderReportNs = nowNs;
  }

  /** Whether a packet has been received, so that there is something to report. */
  public boolean hasReceived() {
    return firstIndex >= 0;
  }

  /** Packets received. */
  public long packetsReceived() {
    return received;
  }

  /** Packets expected minus packets received; negative with repetitions counted. */
  public long cumulativeLost() {
    return expected() - received;
  }

  private long expected() {
    return firstIndex < 0 ? 0 : highestIndex - firstIndex + 1;
  }

  /** Loss between the last two reports, of 256. */
  public int fractionLost() {
    return fractionLost;
  }

  /** Interarrival jitter in timestamp units. */
  public long jitter() {
    return scaledJitter >> 4;
  }

  /** Interarrival jitter in nanoseconds. */
  public long jitterNs() {
    return scaledJitter * 1_000_000_000 / clockRateHz >> 4;
  }

  /**
   * Appends the report block to a report and begins the next interval.
   *
   * @param offset of the report, {@code reportLength} its length so far
   * @return the report's new length
   */
  public int appendReportBlock(
      MemorySegment dst, long offset, int reportLength, int source, long nowNs) {
    beginInterval();
    int delay = lastSenderReport == 0 ? 0 : NtpTime.compactDuration(nowNs - lastSenderReportNs);
    return RtcpWriter.appendReportBlock(
        dst,
        offset,
        reportLength,
        source,
        fractionLost,
        (int) Math.clamp(cumulativeLost(), -0x80_0000, 0x7F_FFFF),
        (int) highestIndex,
        (int) jitter(),
        lastSenderReport,
        delay);
  }

  private void beginInterval() {
    long expectedNow = expected() - expectedAtReport;
    long lost = expectedNow - (received - receivedAtReport);
    fractionLost =
        expectedNow <= 0 || lost <= 0 ? 0 : (int) Math.min(255, (lost << 8) / expectedNow);
    expectedAtReport = expected();
    receivedAtReport = received;
  }
}
