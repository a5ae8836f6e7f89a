package live.banyan.sfu.rtp;

/**
 * Unwraps the 16-bit sequence numbers of one SSRC to the 48-bit packet index of RFC 3711 §3.3.1.
 * The first packet has rollover counter 0. Not thread safe.
 */
public final class SequenceExtender {
  private long newest = -1;

  /** Whether no packet has been seen. */
  public boolean isEmpty() {
    return newest < 0;
  }

  /** Index of the newest packet seen; -1 before the first. */
  public long newest() {
    return newest;
  }

  /** The index that a sequence number means now; changes nothing. Negative: from before ROC 0. */
  public long estimate(int sequence) {
    return newest < 0 ? sequence : SequenceNumbers.extend(newest, sequence);
  }

  /**
   * The index that a sequence number means, which becomes the newest where it is newer. Call it
   * with authenticated packets only: a forged one would move the rollover counter.
   *
   * @return negative for a packet from before ROC 0, which no window can hold: drop it
   */
  public long extend(int sequence) {
    long index = estimate(sequence);
    newest = Math.max(newest, index);
    return index;
  }

  /** Starts again from a known index, as when a packet cache is taken over; -1 forgets all. */
  public void reset(long newestIndex) {
    newest = newestIndex;
  }
}
