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
  private static final long EXCESS_JITTERS = 3;

  /** A queue that is there for one to two of these stands. */
  private static final long REST_US = 75_000;

  private long restNowUs = Long.MAX_VALUE;
  private long restBeforeUs = Long.MAX_VALUE;
  private long restEndUs = Long.MIN_VALUE;
  private final ExpectedQueue expected = new ExpectedQueue();
  private boolean begun;
  private long windowEndUs;
  private long leastNow;
  private long leastBefore;
  private long delayUs;
  private long latestUs;
  private long formerUs;
  private long beforeThatUs;
  private long jitterUs;
  private long excessUs;
  private long formerArrivalUs;
  private boolean crawls;
  private long formerExcessUs;
  private long leastExcessUs = Long.MAX_VALUE;
  private long allowanceUs;
  private long allowedUntilUs;
  private int takenBytes;
  private long takenBps;
  private long takenUs;

  /** Packets that leave until {@code untilUs} may meet a queue that a probe made. */
  void allow(long us, long untilUs) {
    allowanceUs = us;
    allowedUntilUs = untilUs;
  }

  /**
   * Any packet arrived.
   *
   * @param rateBps what the path is thought to bear
   */
  void note(long sentUs, long arrivalUs, int bytes, long rateBps) {
    latestUs = arrivalUs - sentUs - Math.min(leastNow, leastBefore);
    long takesUs = takesUs(bytes, rateBps);
    excessUs = expected.excessUs(sentUs, takesUs, latestUs);
    leastExcessUs = Math.min(leastExcessUs, excessUs);
    crawls = arrivalUs - formerArrivalUs > 2 * takesUs;
    formerArrivalUs = arrivalUs;
  }

  /** A frame's packets are alike, so that most need no division. */
  private long takesUs(int bytes, long rateBps) {
    if (bytes != takenBytes || rateBps != takenBps) {
      takenBytes = bytes;
      takenBps = rateBps;
      takenUs = bytes * 8_000_000L / rateBps;
    }
    return takenUs;
  }

  /**
   * Whether the last packet waited longer for what is not its sender's than the last feedback had
   * it: a single packet that a narrow path has let through shows that. Ends what one feedback
   * tells.
   */
  boolean exceeds() {
    boolean exceeds = crawls && excessUs - formerExcessUs > JUMP_MIN_US + EXCESS_JITTERS * jitterUs;
    formerExcessUs = Math.max(0, leastExcessUs);
    leastExcessUs = Long.MAX_VALUE;
    return exceeds;
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
    rest(arrivalUs);
    if (sentUs > allowedUntilUs) {
      allowanceUs = 0;
    }
    // A rise is no jitter: only steps in both directions are.
    if ((delayUs - formerUs) * (formerUs - beforeThatUs) < 0) {
      long step = Math.min(Math.abs(delayUs - formerUs), Math.abs(formerUs - beforeThatUs));
      jitterUs += (step - jitterUs) / 16;
    }
  }

  private void rest(long arrivalUs) {
    if (arrivalUs >= restEndUs) {
      restBeforeUs = arrivalUs - restEndUs < REST_US ? restNowUs : Long.MAX_VALUE;
      restNowUs = Long.MAX_VALUE;
      restEndUs = arrivalUs + REST_US;
    }
    restNowUs = Math.min(restNowUs, delayUs);
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

  /** The least that a group waited in the last 75 to 150 ms; 0 where that is not known. */
  long standingUs() {
    return restBeforeUs == Long.MAX_VALUE ? 0 : Math.min(restNowUs, restBeforeUs);
  }

  /** Whether the last group waited less than the one before. */
  boolean falls() {
    return delayUs < formerUs;
  }

  void reset() {
    begun = false;
    restNowUs = Long.MAX_VALUE;
    restBeforeUs = Long.MAX_VALUE;
    restEndUs = Long.MIN_VALUE;
    delayUs = 0;
    formerUs = 0;
    beforeThatUs = 0;
  }
}
