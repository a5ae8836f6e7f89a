package live.banyan.sfu.media;

/**
 * How fast a subscriber is sent what lies in the cache: several times as fast as it came, so that
 * it catches up soon and its line is not flooded with a second of video in a millisecond. What came
 * just now passes at once. Not thread safe.
 */
final class ReplayPace {
  /** A packet older than this waits its turn. Above what a busy machine takes for a batch. */
  static final long LIVE_NS = 50_000_000;

  /** Sent at once: the keyframe, as a publisher spreads it, and the frame after it. */
  static final long LEAD_NS = 50_000_000;

  private final int speed;
  private boolean replaying;
  private long fromNs;
  private long sinceNs;

  /**
   * A pace.
   *
   * @param speed time of the source per time of the replay
   */
  ReplayPace(int speed) {
    this.speed = speed;
  }

  /** Whether a packet that came at {@code arrivalNs} may leave now. */
  boolean admits(long arrivalNs, long nowNs) {
    if (!replaying) {
      if (nowNs - arrivalNs <= LIVE_NS) {
        return true;
      }
      replaying = true;
      fromNs = arrivalNs;
      sinceNs = nowNs;
    }
    return arrivalNs - fromNs <= LEAD_NS + speed * (nowNs - sinceNs);
  }

  /** Nothing is left to be replayed. */
  void caughtUp() {
    replaying = false;
  }
}
