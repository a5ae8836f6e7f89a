package live.banyan.sfu.congestion;

/**
 * Puts packets that left together into groups and tells how their spacing changed on the way
 * (draft-ietf-rmcat-gcc-02 §5.1, §5.2). Not thread safe.
 */
final class ArrivalGroups {
  /** Packets that left within this time are one group. */
  static final long BURST_US = 5_000;

  /** A group is cut after this time, however the packets lie. */
  private static final long LONGEST_US = 100_000;

  private boolean open;
  private boolean closedBefore;
  private long firstSentUs;
  private long firstArrivalUs;
  private long lastSentUs;
  private long lastArrivalUs;
  private long formerSentUs;
  private long formerArrivalUs;
  private boolean begins;
  private long sendDeltaUs;
  private long arrivalDeltaUs;

  /**
   * A packet arrived; in the order of sequence numbers.
   *
   * @return whether a group has ended and another is known before it: then the deltas are new
   */
  boolean add(long sentUs, long arrivalUs) {
    begins = false;
    if (!open) {
      begin(sentUs, arrivalUs);
      return false;
    }
    if (belongs(sentUs, arrivalUs)) {
      lastSentUs = Math.max(lastSentUs, sentUs);
      lastArrivalUs = Math.max(lastArrivalUs, arrivalUs);
      return false;
    }
    boolean told = closedBefore;
    if (told) {
      sendDeltaUs = lastSentUs - formerSentUs;
      arrivalDeltaUs = lastArrivalUs - formerArrivalUs;
    }
    formerSentUs = lastSentUs;
    formerArrivalUs = lastArrivalUs;
    closedBefore = true;
    begin(sentUs, arrivalUs);
    return told;
  }

  private boolean belongs(long sentUs, long arrivalUs) {
    if (sentUs - firstSentUs <= BURST_US) {
      return true;
    }
    // Packets that waited somewhere and then came at once tell nothing one by one.
    long arrivalGap = arrivalUs - lastArrivalUs;
    boolean bunched = arrivalGap - (sentUs - lastSentUs) < 0 && arrivalGap <= BURST_US;
    return bunched && arrivalUs - firstArrivalUs < LONGEST_US;
  }

  private void begin(long sentUs, long arrivalUs) {
    open = true;
    begins = true;
    firstSentUs = sentUs;
    firstArrivalUs = arrivalUs;
    lastSentUs = sentUs;
    lastArrivalUs = arrivalUs;
  }

  /** Whether the packet added last began a group: what it met in the queue is others' packets. */
  boolean begins() {
    return begins;
  }

  /** Time between the last two whole groups as they left. */
  long sendDeltaUs() {
    return sendDeltaUs;
  }

  /** Time between the last two whole groups as they arrived. */
  long arrivalDeltaUs() {
    return arrivalDeltaUs;
  }

  /** Forgets everything, as after a change of clocks. */
  void reset() {
    open = false;
    closedBefore = false;
  }
}
