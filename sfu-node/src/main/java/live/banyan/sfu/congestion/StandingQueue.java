package live.banyan.sfu.congestion;

/**
 * How long packets wait on the path beside its base delay, seen by packets that begin a group: what
 * they meet in the queue was there before them. Notices a steep rise, as when the capacity
 * collapses, long before a trend over many groups would. Not thread safe.
 */
final class StandingQueue {
  /** The base is the least delay of the last one to two of these. */
  private static final long BASE_WINDOW_US = 5_000_000;

  /** Less than this is jitter. */
  private static final long STEEP_MIN_US = 25_000;

  private static final long LEAP_US = 60_000;
  private static final long JUMP_MIN_US = 8_000;
  private static final long STARVED_MIN_US = 12_000;

  private static final long JITTERS = 6;

  private boolean begun;
  private long windowEndUs;
  private long leastNow;
  private long leastBefore;
  private long delayUs;
  private long latestUs;
  private long formerUs;
  private long beforeThatUs;
  private long jitterUs;
  private long allowanceUs;
  private long allowedUntilUs;

  /** Packets that leave until {@code untilUs} may meet a queue that a probe made. */
  void allow(long us, long untilUs) {
    allowanceUs = us;
    allowedUntilUs = untilUs;
  }

  /** Any packet arrived. */
  void note(long sentUs, long arrivalUs) {
    latestUs = arrivalUs - sentUs - Math.min(leastNow, leastBefore);
  }

  /** Whether the last packet waited about as long as the last group did. */
  boolean persists() {
    return latestUs * 2 > delayUs;
  }

  /** A packet that began a group arrived. */
  void sample(long sentUs, long arrivalUs) {
    long transit = arrivalUs - sentUs;
    if (!begun) {
      begun = true;
      leastBefore = transit;
      leastNow = transit;
      windowEndUs = sentUs + BASE_WINDOW_US;
    } else if (sentUs >= windowEndUs) {
      leastBefore = leastNow;
      leastNow = transit;
      windowEndUs = sentUs + BASE_WINDOW_US;
    }
    leastNow = Math.min(leastNow, transit);
    beforeThatUs = formerUs;
    formerUs = delayUs;
    delayUs = transit - Math.min(leastNow, leastBefore);
    if (sentUs > allowedUntilUs) {
      allowanceUs = 0;
    }
    // A rise is no jitter: only steps in both directions are.
    if ((delayUs - formerUs) * (formerUs - beforeThatUs) < 0) {
      long step = Math.min(Math.abs(delayUs - formerUs), Math.abs(formerUs - beforeThatUs));
      jitterUs += (step - jitterUs) / 16;
    }
  }

  /** Waiting time that the last group met. */
  long delayUs() {
    return delayUs;
  }

  /**
   * Whether the waiting time rises faster than jitter explains: twice in a row, or by a leap.
   *
   * @param starved packets come at less than half the rate expected: then less of a rise will do
   */
  boolean steep(boolean starved) {
    long least = (starved ? STARVED_MIN_US : STEEP_MIN_US) + allowanceUs + JITTERS * jitterUs;
    if (starved && delayUs - formerUs > LEAP_US + least) {
      return true;
    }
    return delayUs > least
        && delayUs - formerUs > jitterUs
        && formerUs - beforeThatUs > jitterUs
        && delayUs - beforeThatUs > STARVED_MIN_US;
  }

  /** Whether the last step may be the beginning of a steep rise. */
  boolean jumps() {
    long least = JUMP_MIN_US + JITTERS * jitterUs;
    return delayUs - formerUs > least && delayUs > least + allowanceUs;
  }

  /** Whether more waits than jitter explains. */
  boolean stands() {
    return Math.min(delayUs, latestUs) > STARVED_MIN_US + JITTERS * jitterUs;
  }

  /** Whether the last group waited less than the one before. */
  boolean falls() {
    return delayUs < formerUs;
  }

  void reset() {
    begun = false;
    delayUs = 0;
    formerUs = 0;
    beforeThatUs = 0;
  }
}
