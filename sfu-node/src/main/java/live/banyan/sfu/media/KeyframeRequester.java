package live.banyan.sfu.media;

/**
 * Asks a source layer for keyframes on behalf of everybody who waits for one: at most one request
 * in {@value #INTERVAL_MS} ms whatever the crowd, repeated while none arrives. Learns of sources
 * that do not listen: several publishers make keyframes when they please. Moved by its caller's
 * clock; not thread safe.
 */
public final class KeyframeRequester {
  static final long INTERVAL_MS = 500;
  private static final long INTERVAL_NS = INTERVAL_MS * 1_000_000;
  // A source that ignored ten requests will not be hurried by more of them.
  private static final int PATIENCE = 10;
  // One request may be lost; when two had no effect, a cached keyframe is the better bet.
  private static final int DOUBT = 2;
  private static final long SLOW_INTERVAL_NS = 4 * INTERVAL_NS;

  private final Runnable onWanted;
  private boolean pending;
  private boolean everSent;
  private long lastSentNs;
  private int unanswered;
  private boolean askable = true;
  private boolean ignored;

  /**
   * Builds a requester.
   *
   * @param onWanted run when the first of a crowd begins to wait
   */
  KeyframeRequester(Runnable onWanted) {
    this.onWanted = onWanted;
  }

  /** Somebody waits for a keyframe. */
  public void request() {
    if (!pending) {
      pending = true;
      onWanted.run();
    }
  }

  /** Whether somebody still waits. */
  public boolean pending() {
    return pending;
  }

  /** Tells whether there is a source that takes requests. */
  public void askable(boolean someSourceIs) {
    askable = someSourceIs;
  }

  /** Whether asking is of no use: no source takes requests, or the last ones had no effect. */
  public boolean deaf() {
    return !askable || ignored;
  }

  /** A keyframe began to arrive. */
  public void onKeyframe(long nowNs) {
    pending = false;
    // One that comes much later, or after many requests, was due anyway.
    if (unanswered > 0 && unanswered <= DOUBT && nowNs - lastSentNs <= INTERVAL_NS) {
      ignored = false;
    }
    unanswered = 0;
  }

  /** Whether a request is to be sent now; the caller sends it when true. */
  public boolean poll(long nowNs) {
    if (!pending || (everSent && nowNs - lastSentNs < interval())) {
      return false;
    }
    everSent = true;
    lastSentNs = nowNs;
    ignored |= unanswered >= DOUBT;
    unanswered++;
    return true;
  }

  /** When {@link #poll} may answer true next; Long.MAX_VALUE while nobody waits. */
  public long deadlineNs() {
    if (!pending) {
      return Long.MAX_VALUE;
    }
    return everSent ? lastSentNs + interval() : Long.MIN_VALUE;
  }

  private long interval() {
    return unanswered > PATIENCE ? SLOW_INTERVAL_NS : INTERVAL_NS;
  }
}
