package live.banyan.sfu.congestion;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;

/**
 * The sending side of one transport whose far end reports arrivals: numbers what leaves, estimates
 * what the path bears, holds back what would only queue, and says when to probe for more. Costs
 * about 6 KB, 18 at 10 Mbit/s. Allocates nothing after construction but for higher rates. Not
 * thread safe.
 */
public final class CongestionControl {
  /** A far end that says nothing for so long is not one to wait for. */
  private static final long FEEDBACK_TIMEOUT_US = 1_000_000;

  /** Who reports arrivals has done so after this long. */
  private static final long MUTE_AFTER_US = 3_000_000;

  /** Packets of which nothing was heard for this long are no longer on their way. */
  private static final long FLIGHT_MAX_US = 1_500_000;

  /** Feedback may come this late: receivers collect arrivals for up to 250 ms. */
  private static final long WINDOW_US = 300_000;

  private static final int WINDOW_BYTES_MIN = 48_000;

  /** With so much of a queue there is nothing to be asked for. */
  private static final long QUEUED_US = 20_000;

  /** REMB counts for this long. */
  private static final long CAP_US = 5_000_000;

  private final SentPackets sent = new SentPackets();
  private final BandwidthEstimator estimator;
  private final Pacer pacer = new Pacer();
  private final Prober prober = new Prober();
  private @Nullable StreamFeedback streams;
  private long wantedBps;
  private int probing;
  private long capBps = Long.MAX_VALUE;
  private long capUs;
  private long firstSentUs = Long.MIN_VALUE;
  private long probes;
  private long held;

  public CongestionControl() {
    this(BandwidthEstimator.START_BPS);
  }

  /**
   * @param startBps assumed before anything is known
   */
  public CongestionControl(long startBps) {
    estimator = new BandwidthEstimator(sent, startBps);
  }

  /** The transport-wide sequence number for the next packet, 0 to 65,535. */
  public int nextSequence() {
    return sent.nextSequence();
  }

  /**
   * A packet that carries {@link #nextSequence} left.
   *
   * @param bytes of UDP payload
   */
  public void sent(int bytes, long nowNs) {
    long nowUs = nowNs / 1_000;
    sent.add(bytes, probing, nowUs);
    pacer.sent(bytes);
    estimator.trial().sent(bytes);
    firstSentUs = firstSentUs == Long.MIN_VALUE ? nowUs : firstSentUs;
  }

  /**
   * The far end knows no transport-wide numbers, but reports by stream (RFC 8888); to be said
   * before the first packet.
   */
  public void expectStreams() {
    streams = streams == null ? new StreamFeedback(sent, estimator) : streams;
  }

  /** Whether the far end reports by stream, so that packets count that carry no number. */
  public boolean expectsStreams() {
    return streams != null;
  }

  /** A packet left, as {@link #sent(int, long)}, which a report will name by its stream. */
  public void sent(int ssrc, int sequence, int bytes, long nowNs) {
    StreamFeedback known = streams;
    if (known != null) {
      known.sent(ssrc, sequence);
    }
    sent(bytes, nowNs);
  }

  /** Takes in feedback, as {@link live.banyan.sfu.rtcp.RtcpVisitor} hands it out. */
  public void onFeedback(MemorySegment segment, long offset, int length, long nowNs) {
    long before = estimator.congestedUs();
    estimator.onFeedback(segment, offset, length, nowNs / 1_000);
    if (estimator.congestedUs() != before) {
      prober.hurry();
    }
  }

  /** Likewise of RFC 8888; nothing where no such was expected. */
  public void onStreamFeedback(MemorySegment segment, long offset, int length, long nowNs) {
    StreamFeedback known = streams;
    if (known != null) {
      long before = estimator.congestedUs();
      known.onFeedback(segment, offset, length, nowNs / 1_000);
      if (estimator.congestedUs() != before) {
        prober.hurry();
      }
    }
  }

  /** The receiver says what it bears at most (draft-alvestrand-rmcat-remb-03). */
  public void onReceiverEstimate(long bps, long nowNs) {
    capBps = Math.max(BandwidthEstimator.MIN_BPS, bps);
    capUs = nowNs / 1_000;
  }

  /**
   * What the path bears, in bit/s of UDP payload. {@link BandwidthEstimator#MAX_BPS} for a far end
   * that was sent numbers and never told of any: nothing will be known of it.
   */
  public long estimateBps(long nowNs) {
    long nowUs = nowNs / 1_000;
    boolean mute =
        estimator.feedbackUs() == Long.MIN_VALUE
            && counted()
            && nowUs - firstSentUs > MUTE_AFTER_US;
    long rate = mute ? BandwidthEstimator.MAX_BPS : estimator.rateBps();
    boolean capped = capBps != Long.MAX_VALUE && nowUs - capUs < CAP_US;
    return capped ? Math.min(capBps, rate) : rate;
  }

  /** Whether packets that carry numbers have left; only those are in the estimate. */
  public boolean counted() {
    return firstSentUs != Long.MIN_VALUE;
  }

  /**
   * Whether a packet may leave now. Always true before a queue has been seen, and while nothing is
   * heard from the far end: its feedback may be lost, and waiting for it would stop for good.
   */
  public boolean admits(long nowNs) {
    long nowUs = nowNs / 1_000;
    if (!heard(nowUs)) {
      return true;
    }
    sent.expire(nowUs - FLIGHT_MAX_US);
    long rate = estimateBps(nowNs);
    boolean admitted =
        sent.inFlightBytes() < window(rate)
            && !estimator.suspects(nowUs)
            && (!wary(nowUs) || pacer.admits(paced(rate, nowUs), estimator.draining(nowUs), nowUs));
    held += admitted ? 0 : 1;
    return admitted;
  }

  private long paced(long rateBps, long nowUs) {
    Trial trial = estimator.trial();
    return trial.running(nowUs) ? Math.max(rateBps, trial.targetBps()) : rateBps;
  }

  private boolean heard(long nowUs) {
    long last = estimator.feedbackUs();
    return last != Long.MIN_VALUE && nowUs - last < FEEDBACK_TIMEOUT_US;
  }

  private boolean wary(long nowUs) {
    long congested = estimator.congestedUs();
    return congested != Long.MIN_VALUE && nowUs - congested < Pacer.WARY_US;
  }

  private long window(long rateBps) {
    return Math.max(WINDOW_BYTES_MIN, rateBps / 8 * (estimator.rttMinUs() + WINDOW_US) / 1_000_000);
  }

  /** Says how much there is to send at its best; more than the estimate has the path probed. */
  public void want(long bps) {
    wantedBps = bps;
  }

  /** Whether it is time to find out if the path bears more. */
  public boolean probeDue(long nowNs) {
    long nowUs = nowNs / 1_000;
    // Of a silent path nothing could be told; what a receiver calls its limit, it does not raise.
    return heard(nowUs)
        && (capBps == Long.MAX_VALUE || nowUs - capUs >= CAP_US)
        && prober.due(estimateBps(nowNs), wantedBps, estimator.congestedUs(), nowUs);
  }

  /**
   * A probe that is due begins: by a burst, which is what is sent until {@link #endProbe}, or once
   * a queue has been seen by a trial, which {@link #wantsPadding} serves.
   *
   * @return packets of the burst; 0 for a trial
   */
  public int beginProbe(long nowNs) {
    long nowUs = nowNs / 1_000;
    probes++;
    int id = prober.begin(estimateBps(nowNs), nowUs);
    if (estimator.congestedUs() != Long.MIN_VALUE && !estimator.filled()) {
      estimator.trial().begin(prober.targetBps(), nowUs);
      return 0;
    }
    probing = id;
    int packets = prober.packets();
    estimator.onProbe(id, prober.targetBps(), packets, nowUs);
    return packets;
  }

  /** Whether a trial runs: {@link #wantsPadding} is to be asked some 200 times a second. */
  public boolean tries(long nowNs) {
    return estimator.trial().running(nowNs / 1_000);
  }

  /** Whether a trial wants one more packet now beside what leaves anyway. */
  public boolean wantsPadding(long nowNs) {
    return estimator.trial().wants(nowNs / 1_000)
        && estimator.queueDelayUs() <= QUEUED_US
        && admits(nowNs);
  }

  /** The probe has left. */
  public void endProbe() {
    probing = 0;
  }

  /** The rate to send at while a queue of our making is emptied, else the estimate. */
  public long sendRateBps(long nowNs) {
    long rate = estimateBps(nowNs);
    long nowUs = nowNs / 1_000;
    return estimator.suspects(nowUs) ? 0 : estimator.draining(nowUs) ? rate * 3 / 4 : rate;
  }

  /** The estimator, to look at. */
  public BandwidthEstimator estimator() {
    return estimator;
  }

  /** Probes sent. */
  public long probes() {
    return probes;
  }

  /** Times that something was held back. */
  public long held() {
    return held;
  }
}
