package live.banyan.sfu.congestion;

/**
 * Sends at a higher rate for a while, to see whether the path bears it. A short burst would pass
 * through a bucket that a shaper had filled meanwhile, and prove what the path does not bear for
 * long; and where the answer is no, this leaves a queue of some tens of milliseconds. One at a
 * time. Not thread safe.
 */
final class Trial {
  /** Long enough to empty a bucket of 30 KB at a quarter of a megabit too much. */
  static final long SPAN_US = 1_000_000;

  private static final long SPAN_MAX_US = 3_000_000;

  /** News of the last packet takes no longer, or the trial proves nothing. */
  private static final long NEWS_US = 1_000_000;

  /** What is proven and lost again so soon was not true. */
  private static final long HELD_US = 10_000_000;

  private long spanUs = SPAN_US;
  private boolean open;
  private long targetBps;
  private long beganUs = Long.MIN_VALUE / 2;
  private long sentBytes;
  private long failedUs = Long.MIN_VALUE / 2;
  private long provenUs = Long.MIN_VALUE / 2;

  void begin(long target, long nowUs) {
    open = true;
    targetBps = target;
    beganUs = nowUs;
    sentBytes = 0;
  }

  /** Whether packets are wanted that leave for the trial's sake. */
  boolean running(long nowUs) {
    return open && nowUs - beganUs < spanUs;
  }

  long targetBps() {
    return targetBps;
  }

  /** Anything left. */
  void sent(int bytes) {
    sentBytes += bytes;
  }

  /** Whether less has left than the target asks for. */
  boolean wants(long nowUs) {
    return running(nowUs) && sentBytes < targetBps * (nowUs - beganUs) / 8_000_000;
  }

  /**
   * Whether all has left and arrived.
   *
   * @param newestSentUs when the newest packet left that is known to have arrived
   */
  boolean passed(long newestSentUs) {
    return open && newestSentUs - beganUs >= spanUs - spanUs / 16;
  }

  /** Whether a verdict is still to come. */
  boolean open(long nowUs) {
    open &= nowUs - beganUs < spanUs + NEWS_US;
    return open;
  }

  /** Whether what arrived lately tells of a trial that has proven nothing, or not yet. */
  boolean disturbs(long nowUs) {
    return open(nowUs) || nowUs - failedUs < NEWS_US;
  }

  void end(boolean proven, long nowUs) {
    open = false;
    failedUs = proven ? failedUs : nowUs;
    provenUs = proven ? nowUs : provenUs;
  }

  /** The path gave out: what was proven a moment ago takes longer to prove from now on. */
  void refuted(long nowUs) {
    if (nowUs - provenUs < HELD_US) {
      spanUs = Math.min(2 * spanUs, SPAN_MAX_US);
      provenUs = Long.MIN_VALUE / 2;
    }
  }
}
