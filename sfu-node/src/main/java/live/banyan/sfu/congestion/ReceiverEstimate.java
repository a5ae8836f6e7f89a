package live.banyan.sfu.congestion;

import live.banyan.sfu.congestion.OveruseDetector.Usage;
import live.banyan.sfu.rtp.ExtensionValues;

/**
 * What the path from a sender bears, estimated by its receiver, for senders that take nothing
 * better than REMB (draft-alvestrand-rmcat-remb-03): the lower of a delay-based rate, where packets
 * tell when they left, and a loss-based one. Until either has seen a limit, none is told below what
 * is assumed of any path: a limit that grows with what arrives would never let a sender begin. Not
 * thread safe; allocates nothing after construction.
 */
public final class ReceiverEstimate {
  /** Told before anything is known. */
  static final long START_BPS = BandwidthEstimator.START_BPS;

  /** A limit is told again after this long, since its report may be lost. */
  private static final long REPEAT_NS = 1_000_000_000;

  /** A limit that fell by more than this share is told at once. */
  private static final double FELL = 0.97;

  private static final int WINDOW_MS = 500;
  private static final int WINDOW_BUSY_MS = 200;

  /** News of a decrease takes about so long to show in what arrives. */
  private static final long ROUND_TRIP_US = 150_000;

  /** A sender that grows this fast is not in the way of one that fills what it may. */
  private static final long HEADROOM = 2;

  private static final int SEND_TIME_BITS = 24;
  private static final int SEND_TIME_FRACTION_BITS = 18;

  private final ArrivalGroups groups = new ArrivalGroups();
  private final OveruseDetector detector = new OveruseDetector();
  private final StandingQueue queue = new StandingQueue();
  private final RateWindow arrived = new RateWindow();
  private final AimdRate rate = new AimdRate(START_BPS);
  private final LossLimit loss = new LossLimit();
  private boolean over;
  private boolean steep;
  private int sendTime;
  private long sentTicks;
  private boolean begun;
  private long received;
  private long lost;
  private long estimateBps = START_BPS;
  private long toldBps = Long.MAX_VALUE;
  private long toldNs = Long.MIN_VALUE / 2;

  /**
   * A packet arrived.
   *
   * @param absSendTime of its header extension, 24 bits; {@link ExtensionValues#NONE} without
   * @param bytes of UDP payload
   */
  public void received(int absSendTime, int bytes, long nowNs) {
    long nowUs = nowNs / 1_000;
    arrived.add(nowUs, bytes);
    if (absSendTime == ExtensionValues.NONE) {
      return;
    }
    // Of 24 bits, which wrap after 64 s.
    int step = absSendTime - sendTime << 32 - SEND_TIME_BITS >> 32 - SEND_TIME_BITS;
    if (begun && step < 0) {
      return; // it was overtaken, or is a repetition
    }
    sentTicks += begun ? step : 0;
    begun = true;
    sendTime = absSendTime;
    long sentUs = sentTicks * 1_000_000 >> SEND_TIME_FRACTION_BITS;
    if (groups.add(sentUs, nowUs)) {
      detector.onGroup(groups.sendDeltaUs(), groups.arrivalDeltaUs(), nowUs);
      over |= detector.usage() == Usage.OVER;
    }
    if (groups.begins()) {
      queue.sample(sentUs, nowUs);
      steep |= queue.steep(false);
    }
    queue.note(sentUs, nowUs, bytes, estimateBps);
  }

  /**
   * Looks at what has come; to be called some ten times a second.
   *
   * @param receivedTotal packets so far, {@code lostTotal} likewise
   */
  public void update(long receivedTotal, long lostTotal, long nowNs) {
    long nowUs = nowNs / 1_000;
    boolean rises = steep && queue.persists();
    Usage usage = rises || over ? Usage.OVER : queue.stands() ? Usage.UNDER : detector.usage();
    long came = arrived.rateBps(usage == Usage.OVER ? WINDOW_BUSY_MS : WINDOW_MS);
    over = false;
    steep = false;
    rate.update(usage, rises, came, ROUND_TRIP_US, nowUs - ROUND_TRIP_US, nowUs);
    loss.count(
        (int) Math.clamp(receivedTotal - received, 0, Integer.MAX_VALUE),
        (int) Math.clamp(lostTotal - lost, 0, Integer.MAX_VALUE));
    received = receivedTotal;
    lost = lostTotal;
    loss.update(rate.rateBps(), usage != Usage.NORMAL, nowUs);
    if (rate.decreasedUs() == Long.MIN_VALUE && loss.limitBps() == LossLimit.NONE) {
      rate.raise(HEADROOM * came, nowUs);
    }
    estimateBps =
        Math.clamp(
            Math.min(queue.stands() ? rate.rateBps() * 3 / 4 : rate.rateBps(), loss.limitBps()),
            BandwidthEstimator.MIN_BPS,
            BandwidthEstimator.MAX_BPS);
  }

  /** What the path bears, in bit/s of UDP payload. */
  public long estimateBps() {
    return estimateBps;
  }

  /** Whether the sender should be told now. */
  public boolean isDue(long nowNs) {
    return nowNs - toldNs >= REPEAT_NS || estimateBps < toldBps * FELL;
  }

  /** The sender was told {@link #estimateBps}. */
  public void told(long nowNs) {
    toldBps = estimateBps;
    toldNs = nowNs;
  }
}
