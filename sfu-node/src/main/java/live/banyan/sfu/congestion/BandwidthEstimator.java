package live.banyan.sfu.congestion;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.congestion.OveruseDetector.Usage;
import live.banyan.sfu.rtcp.TransportFeedback;

/**
 * What a path bears, estimated by its sender from transport-wide feedback: the lower of a
 * delay-based and a loss-based rate (draft-ietf-rmcat-gcc-02), raised by probes, and quicker than
 * the draft where a queue rises steeply. Allocates nothing after construction. Not thread safe.
 */
public final class BandwidthEstimator implements TransportFeedback.Visitor {
  /** Assumed before anything is known: what a home line bears. */
  public static final long START_BPS = 3_000_000;

  /** Never less is assumed: voice and a stamp-sized picture. */
  public static final long MIN_BPS = 50_000;

  public static final long MAX_BPS = 200_000_000;

  private static final long REFERENCE_WRAP_US = TransportFeedback.REFERENCE_UNIT_US << 24;

  /** Arrival times that jump further are another clock. */
  private static final long CLOCK_JUMP_US = 10_000_000;

  private static final int ACKED_MS = 500;
  private static final int ACKED_BUSY_MS = 200;
  private static final long PROBE_SHADOW_US = 100_000;
  private static final long PROBE_PACKET_BITS = 9_600;
  private static final long SHARED_US = 10_000_000;
  private static final double BELIEVED_SHARED = 1.1;

  /** A burst may have passed in a shaper's bucket: the media that follows is to prove the rest. */
  private static final double BELIEVED = 1.5;

  private static final long TRIED_US = 15_000;
  private static final long SUSPICION_US = 60_000;
  private static final long RELAPSE_US = 1_000_000;

  /** Who sends less than this share of the estimate does not fill the path. */
  private static final double FILLED = 0.75;

  /** A flow bears a queue with so much of its own in it: about five packets. */
  private static final long OWN_QUEUE_BITS = 45_000;

  private static final long TOLERATED_MIN_US = 15_000;
  private static final long TOLERATED_MAX_US = 60_000;
  private static final long STANDING_PAUSE_US = 400_000;
  private static final long QUEUED_US = 20_000;
  private static final long DRAIN_AFTER_US = 2_000_000;

  private final SentPackets sent;
  private final ArrivalGroups groups = new ArrivalGroups();
  private final OveruseDetector detector = new OveruseDetector();
  private final StandingQueue queue = new StandingQueue();
  private final BurstSpread spread = new BurstSpread();
  private final RateWindow acked = new RateWindow();
  private final AimdRate aimd;
  private final LossLimit loss = new LossLimit();
  private final ProbeMeter probe = new ProbeMeter();
  private final Trial trial = new Trial();

  private long nowUs;
  private long referenceUs;
  private long referenceShiftUs;
  private boolean anyFeedback;
  private long feedbackUs = Long.MIN_VALUE;
  private long lastArrivalUs;
  private long newestSentUs;
  private boolean arrivals;
  private boolean steep;
  private boolean suspects;
  private long provenUs = Long.MIN_VALUE / 2;
  private long probedUs = Long.MIN_VALUE / 2;
  private long rttUs = 200_000;
  private long rttMinUs = Long.MAX_VALUE;
  private long rateBps;

  public BandwidthEstimator(SentPackets sent, long startBps) {
    this.sent = sent;
    aimd = new AimdRate(startBps);
    rateBps = startBps;
  }

  /**
   * Takes in one feedback.
   *
   * @return false, and nothing changed, where it is malformed
   */
  public boolean onFeedback(MemorySegment segment, long offset, int length, long nowUs) {
    open(nowUs);
    if (!TransportFeedback.parse(segment, offset, length, this)) {
      return false;
    }
    close();
    return true;
  }

  /** What is told until {@link #close} is of one feedback. */
  void open(long atUs) {
    nowUs = atUs;
    arrivals = false;
    steep = false;
  }

  /** A feedback ends that has told something, if only that the far end is there. */
  void close() {
    feedbackUs = nowUs;
    if (arrivals) {
      conclude();
    }
  }

  @Override
  public void begin(int baseSequence, int statusCount, long referenceTimeUs, int feedbackCount) {
    if (anyFeedback) {
      long step = referenceTimeUs - referenceUs;
      if (step > REFERENCE_WRAP_US / 2) {
        referenceShiftUs -= REFERENCE_WRAP_US;
      } else if (step < -REFERENCE_WRAP_US / 2) {
        referenceShiftUs += REFERENCE_WRAP_US;
      }
    }
    anyFeedback = true;
    referenceUs = referenceTimeUs;
  }

  @Override
  public void received(int sequence, long arrivalUs) {
    long index = sent.indexOf(sequence);
    if (index >= 0 && came(index)) {
      arrived(index, arrivalUs + referenceShiftUs);
    }
  }

  /** A packet arrived, whenever that was. @return false where that is no news */
  boolean came(long index) {
    boolean wasMissing = sent.isMissing(index);
    if (!sent.arrived(index)) {
      return false;
    }
    if (wasMissing) {
      loss.recant();
    }
    loss.received();
    return true;
  }

  /** A packet that {@link #came} arrived at this time of the receiver's; in order of leaving. */
  void arrived(long index, long atUs) {
    if (lastArrivalUs != 0 && Math.abs(atUs - lastArrivalUs) > CLOCK_JUMP_US) {
      groups.reset();
      detector.reset();
      queue.reset();
      spread.reset();
      acked.reset();
    }
    arrivals = true;
    lastArrivalUs = atUs;
    onArrival(index, sent.sentUs(index, nowUs), atUs);
  }

  private void onArrival(long index, long sentUs, long arrivalUs) {
    newestSentUs = sentUs;
    acked.add(arrivalUs, sent.bytes(index));
    probe.onArrival(sent.probe(index), arrivalUs, sent.bytes(index));
    boolean told = groups.add(sentUs, arrivalUs);
    boolean shadowed = sentUs - probedUs < PROBE_SHADOW_US;
    // The queue that a probe makes says nothing of what media does.
    if (told && !shadowed) {
      detector.onGroup(groups.sendDeltaUs(), groups.arrivalDeltaUs(), arrivalUs);
    }
    spread.add(groups.begins(), arrivalUs, sent.bytes(index));
    if (groups.begins()) {
      queue.sample(sentUs, arrivalUs);
      long recent = spread.recentBps();
      steep |= queue.steep(recent >= 0 && recent < rateBps / 2);
    }
    queue.note(sentUs, arrivalUs, sent.bytes(index), rateBps);
    steep |= spread.slowerThanHalf(rateBps);
  }

  @Override
  public void missing(int firstSequence, int count) {
    // A gap may be as long as 65,535 packets, of which those remembered count.
    int known = Math.min(count, SentPackets.CAPACITY);
    for (int i = 0; i < known; i++) {
      long index = sent.indexOf(firstSequence + count - 1 - i & 0xFFFF);
      if (index >= 0) {
        lost(index);
      }
    }
  }

  /** A packet has not arrived while one that left after it has. */
  void lost(long index) {
    if (sent.missing(index)) {
      loss.missing();
    }
  }

  private void conclude() {
    long sampleUs = Math.max(0, nowUs - newestSentUs);
    rttUs += (sampleUs - rttUs) / 8;
    rttMinUs = Math.min(rttMinUs, sampleUs);
    // A receiver that paused finds its packets at once, the last of them hardly late.
    steep &= queue.persists();
    long ackedBps = acked.rateBps(ACKED_MS);
    // Only who fills the path can have filled a queue in so short a time.
    boolean exceeds = queue.exceeds();
    suspects = (exceeds || queue.jumps() && queue.persists()) && ackedBps > rateBps * FILLED;
    Usage usage = detector.usage();
    boolean lately = nowUs - RELAPSE_US < aimd.decreasedUs();
    boolean eased = queue.falls() && lately;
    if (usage == Usage.OVER && !steep && (eased || !queue.stands())) {
      // The trend looks back: the queue shrinks already, or was a pause of the receiver's.
      usage = Usage.UNDER;
    }
    if (usage == Usage.NORMAL && queue.stands() && settling(nowUs)) {
      usage = Usage.UNDER;
    }
    Usage trend = usage;
    usage = steep ? usage : judged(usage);
    long decreasedUs = aimd.decreasedUs();
    aimd.update(usage, steep, ackedFor(usage), rttUs, newestSentUs, nowUs);
    if (aimd.decreasedUs() != decreasedUs) {
      trial.refuted(nowUs);
    }
    boolean calm = usage == Usage.NORMAL && !steep && !queue.stands() && !trial.disturbs(nowUs);
    if (calm && nowUs - ACKED_MS * 1_000L - rttUs > aimd.decreasedUs()) {
      // What arrived without a queue since the last decrease passes, whatever was thought.
      aimd.raise(ackedBps * 95 / 100, nowUs);
    }
    boolean growing = steep || usage == Usage.OVER;
    long proven = probe.result();
    if (proven > 0 && !growing) {
      prove(Math.min(proven, (long) (aimd.rateBps() * believed(proven))));
    }
    if (trial.open(nowUs)) {
      judge(
          growing || trend == Usage.OVER || queue.stands() && queue.standingUs() > TRIED_US,
          ackedBps);
    }
    boolean queued = trend == Usage.OVER || usage == Usage.OVER || queue.delayUs() > QUEUED_US;
    loss.update(aimd.rateBps(), queued, nowUs);
    rateBps = Math.clamp(Math.min(aimd.rateBps(), loss.limitBps()), MIN_BPS, MAX_BPS);
  }

  /** How many times the rate a burst may raise it to. */
  private double believed(long proven) {
    if (aimd.decreasedUs() == Long.MIN_VALUE) {
      return Double.POSITIVE_INFINITY;
    }
    // Where a queue was seen lately others may share the path, and a burst overtakes them.
    boolean shared = nowUs - SHARED_US < aimd.decreasedUs() && proven < probe.targetBps();
    return shared ? BELIEVED_SHARED : BELIEVED;
  }

  private void prove(long bps) {
    aimd.raise(bps, nowUs);
    loss.raise(bps);
    provenUs = nowUs;
  }

  private void judge(boolean queues, long ackedBps) {
    if (queues) {
      trial.end(false, nowUs);
    } else if (trial.passed(newestSentUs)) {
      trial.end(true, nowUs);
      prove(Math.min(trial.targetBps(), (long) (ackedBps / (1 - loss.baseline()))));
    }
  }

  /**
   * What the queue that stands makes of a trend. All flows that share it see it alike, unlike the
   * trend, and the larger ones bear less of it, so that they come to equal shares (as TCP Vegas
   * does, Brakmo 1995, which counts its own packets in the queue).
   */
  private Usage judged(Usage trend) {
    long toleratedUs =
        Math.clamp(OWN_QUEUE_BITS * 1_000_000 / rateBps, TOLERATED_MIN_US, TOLERATED_MAX_US);
    long standingUs = queue.standingUs();
    if (trend == Usage.OVER) {
      return standingUs < toleratedUs ? Usage.UNDER : Usage.OVER;
    }
    boolean decreased = nowUs - STANDING_PAUSE_US <= aimd.decreasedUs();
    return standingUs > toleratedUs && !decreased ? Usage.OVER : trend;
  }

  /** While a queue grows the path is busy, and what arrived in a short time is its capacity. */
  private long ackedFor(Usage usage) {
    long rate;
    long recent = spread.recentBps();
    if (steep && recent < rateBps / 2) {
      rate = recent;
    } else if (steep || usage == Usage.OVER) {
      long lately = acked.rateBps(ACKED_BUSY_MS);
      // Who sent little before has a window that tells of that, not of the path.
      boolean sentLittle = acked.rateBps(ACKED_MS) < rateBps * FILLED;
      rate = steep || sentLittle ? Math.max(lately, recent) : lately;
    } else {
      rate = acked.rateBps(ACKED_MS);
    }
    // What the path loses anyway has been through its narrow place too.
    return rate < 0 ? rate : (long) (rate / (1 - loss.baseline()));
  }

  /** A probe leaves now, its packets numbered {@code id}. */
  void onProbe(int id, long targetBps, int packets, long atUs) {
    probe.begin(id, targetBps, packets);
    probedUs = atUs;
    queue.allow(packets * PROBE_PACKET_BITS * 1_000_000 / rateBps, atUs + 3 * PROBE_SHADOW_US);
  }

  Trial trial() {
    return trial;
  }

  /** Whether what is sent fills the path as far as it is known. */
  boolean filled() {
    return acked.rateBps(ACKED_MS) >= rateBps * FILLED;
  }

  /** What the path bears, in bit/s of UDP payload. */
  public long rateBps() {
    return rateBps;
  }

  /** Loss of the last half second or so, 0 to 1. */
  public double lossFraction() {
    return loss.fraction();
  }

  /** Time that packets wait on the path beside its base delay. */
  public long queueDelayUs() {
    return queue.delayUs();
  }

  /** From a packet's leaving to the feedback about it, smoothed. */
  public long rttUs() {
    return rttUs;
  }

  /** The least of it; Long.MAX_VALUE before the first. */
  public long rttMinUs() {
    return rttMinUs;
  }

  /** When feedback came last; Long.MIN_VALUE before the first. */
  public long feedbackUs() {
    return feedbackUs;
  }

  /** When a growing queue was last seen; Long.MIN_VALUE: never. */
  public long congestedUs() {
    return aimd.decreasedUs();
  }

  /**
   * Whether the last packets hint at a collapse that the next feedback will confirm or not: wait
   * for that, with a few packets less in the queue.
   */
  public boolean suspects(long atUs) {
    return suspects && atUs - feedbackUs < SUSPICION_US;
  }

  /** Whether a queue of our making is being emptied: send less than the estimate meanwhile. */
  public boolean draining(long atUs) {
    return queue.stands() && settling(atUs);
  }

  private boolean settling(long atUs) {
    // Not for long: a queue that does not shrink is somebody else's.
    return atUs - DRAIN_AFTER_US < Math.max(aimd.decreasedUs(), provenUs);
  }
}
