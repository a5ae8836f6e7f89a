package live.banyan.sfu.media;

import java.util.Arrays;
import live.banyan.sfu.congestion.CongestionControl;
import org.jspecify.annotations.Nullable;

/**
 * A track leaving towards one viewer or child node. Holds a cursor into the current layer: {@link
 * #serve} sends what lies between it and the newest packet, and what came late. Not thread safe.
 */
public abstract sealed class Subscription permits ViewerSubscription, RelaySubscription {
  /** A keyframe younger than this is served from the cache instead of asking for another. */
  static final long KEYFRAME_AGE_NS = 1_000_000_000L;

  // Replays leave in portions, so that nobody else's packets wait behind two seconds of video.
  private static final int PORTION = 64;
  private static final int RESENT_MEMORY = 128;
  private static final long RESEND_PAUSE_NS = 20_000_000;
  private static final long RESEND_QUEUE_MAX_NS = 500_000_000;
  // Far above what 10% loss of a good stream asks for; a flood of NACKs must not be an amplifier.
  private static final int RESENDS_PER_WINDOW = 256;
  private static final long RESEND_WINDOW_NS = 200_000_000;

  private final long id;
  private final Outlet outlet;
  private final int ssrc;
  private final int rtxSsrc;
  private final ReplayPace pace;
  private @Nullable Track track;

  /** The layer that is being sent; null while waiting for a keyframe. */
  @Nullable Layer current;

  /** Next extended sequence number of {@link #current} to send. */
  long cursor;

  private long rtxSequence;
  private long packetsSent;
  private long payloadBytesSent;
  private long rtxSent;
  private long lastSentNs = Long.MIN_VALUE;
  private int @Nullable [] resentSequences;
  private long @Nullable [] resentNs;
  private long resendWindowNs;
  private int resendsInWindow;

  private long senderReportNs = Long.MIN_VALUE;
  private int senderReportId;
  private int priority = 1;
  private long rttNs = -1;
  private int fractionLost;

  Subscription(long id, Outlet outlet, int ssrc, int rtxSsrc, int rtxSequence, int replaySpeed) {
    this.id = id;
    this.pace = new ReplayPace(replaySpeed);
    this.outlet = outlet;
    this.ssrc = ssrc;
    this.rtxSsrc = rtxSsrc;
    this.rtxSequence = rtxSequence;
  }

  public long id() {
    return id;
  }

  public Outlet outlet() {
    return outlet;
  }

  public int ssrc() {
    return ssrc;
  }

  /** 0 where the subscriber has no RTX. */
  public int rtxSsrc() {
    return rtxSsrc;
  }

  /** The track that feeds it; null between two epochs. */
  public @Nullable Track track() {
    return track;
  }

  /** The layer that is being sent; null while none is. */
  public @Nullable Layer layer() {
    return current;
  }

  /** RTP packets sent, repetitions aside. */
  public long packetsSent() {
    return packetsSent;
  }

  /** Payload bytes sent, repetitions aside (the octet count of RFC 3550 §6.4.1). */
  public long payloadBytesSent() {
    return payloadBytesSent;
  }

  public long rtxSent() {
    return rtxSent;
  }

  /** Round trip to the subscriber in ns; -1 before the first report. */
  public long rttNs() {
    return rttNs;
  }

  /** Loss that the subscriber saw in its last report interval, in 1/256. */
  public int fractionLost() {
    return fractionLost;
  }

  /** When {@link #onReport} may measure from. */
  public void onSenderReportSent(int compactNtp, long nowNs) {
    senderReportId = compactNtp;
    senderReportNs = nowNs;
  }

  /** When the last sender report left; Long.MIN_VALUE before the first. */
  public long senderReportNs() {
    return senderReportNs;
  }

  /**
   * Takes in a report block about this subscription (RFC 3550 §6.4.1).
   *
   * @param delayNs since the far end got the report that {@code lastSenderReport} names
   */
  public void onReport(int fractionLost, int lastSenderReport, long delayNs, long nowNs) {
    this.fractionLost = fractionLost;
    if (lastSenderReport != 0 && lastSenderReport == senderReportId) {
      rttNs = Math.max(0, nowNs - senderReportNs - delayNs);
    }
  }

  /** Goes on with another track, or with none. */
  void move(@Nullable Track next) {
    Track before = track;
    if (before != null) {
      before.remove(this);
    }
    track = next;
    current = null;
    if (next != null) {
      next.add(this);
    }
  }

  /** Uses what the track's other subscribers have already made alike. */
  abstract void share(HeaderTemplates templates);

  /** The encodings that this subscriber needs to arrive: a bit for each, the lowest one's first. */
  abstract int needed(Track track, long nowNs);

  /** Asks the source for a keyframe on behalf of this subscriber. */
  public abstract void requestKeyframe();

  /** The RTP timestamp that this subscriber sees for the source's {@code rtp}. */
  public abstract int outgoingTimestamp(int rtp);

  /** Whether sender reports tell the truth now. */
  public abstract boolean steady();

  /** Decides where the cursor stands before packets leave. @return false: nothing to send */
  abstract boolean choose(Track track, long nowNs);

  /** Whether the next packet need not wait for room on the path. */
  abstract boolean mayLeave(PacketCache cache, int slot, long nowNs);

  /** Whether a packet that came late has a place in what was sent. */
  abstract boolean covers(Layer layer, long sequence);

  /** Sends one packet of the current layer for the first time. */
  abstract void sendNew(Forwarder forwarder, Layer layer, int slot, long nowNs);

  /** Sends again what the subscriber misses; {@code sequence} is in its numbering. */
  abstract void resend(Forwarder forwarder, int sequence, long nowNs);

  /**
   * Sends what is due.
   *
   * @return whether more lies in the cache than may be sent now
   */
  boolean serve(Forwarder forwarder, Track track, long nowNs) {
    if (outlet.cipher() == null || !choose(track, nowNs)) {
      return false;
    }
    Layer layer = current;
    if (layer == null) {
      return false;
    }
    PacketCache cache = layer.cache();
    for (int i = 0; i < layer.lateCount(); i++) {
      long sequence = layer.late(i);
      if (sequence < cursor && covers(layer, sequence)) {
        int slot = cache.slotOf(sequence);
        if (slot >= 0) {
          sendNew(forwarder, layer, slot, nowNs);
        }
      }
    }
    long newest = layer.highest();
    int budget = PORTION;
    while (cursor <= newest && budget > 0) {
      int slot = cache.slotOf(cursor);
      if (slot >= 0) {
        if (!pace.admits(cache.arrivalNs(slot), nowNs) || !mayLeave(cache, slot, nowNs)) {
          return true;
        }
        sendNew(forwarder, layer, slot, nowNs);
        budget--;
      }
      cursor++;
    }
    if (cursor <= newest) {
      return true;
    }
    pace.caughtUp();
    return false;
  }

  void onSent(int payloadLength, long nowNs) {
    packetsSent++;
    payloadBytesSent += payloadLength;
    lastSentNs = nowNs;
  }

  /** How much the far end cares for this one beside its others; 1 before anything was said. */
  public int priority() {
    return priority;
  }

  /** Says {@link #priority}, 0 or positive; below 0 counts as 0. */
  public void prioritise(int next) {
    priority = Math.max(0, next);
  }

  /** When media left last; Long.MIN_VALUE before the first packet. */
  public long lastSentNs() {
    return lastSentNs;
  }

  long nextRtxSequence() {
    rtxSent++;
    return rtxSequence++;
  }

  /** Whether a packet may be repeated now, or was a moment ago. */
  boolean mayResend(int sequence, long nowNs) {
    int[] sequences = resentSequences;
    long[] times = resentNs;
    if (sequences == null || times == null) {
      sequences = new int[RESENT_MEMORY];
      times = new long[RESENT_MEMORY];
      Arrays.fill(sequences, -1);
      resentSequences = sequences;
      resentNs = times;
      resendWindowNs = nowNs;
    }
    int at = sequence & (RESENT_MEMORY - 1);
    long pause = rttNs < 0 ? RESEND_PAUSE_NS : Math.min(RESEND_PAUSE_NS, rttNs / 2);
    if (sequences[at] == sequence && nowNs - times[at] < pause + queueNs()) {
      return false;
    }
    if (nowNs - resendWindowNs >= RESEND_WINDOW_NS) {
      resendWindowNs = nowNs;
      resendsInWindow = 0;
    }
    if (resendsInWindow == RESENDS_PER_WINDOW) {
      return false;
    }
    resendsInWindow++;
    sequences[at] = sequence;
    times[at] = nowNs;
    return true;
  }

  /** What a repeat waits on the way before it can have been of use. */
  private long queueNs() {
    CongestionControl congestion = outlet.congestion();
    return congestion == null
        ? 0
        : Math.clamp(congestion.estimator().queueDelayUs() * 1_000, 0, RESEND_QUEUE_MAX_NS);
  }
}
