package live.banyan.sfu.media;

/**
 * Which packets of one layer are missing, and when to ask for each (RFC 4585 §6.2.1). A gap is
 * asked for once three newer packets came or {@value #REORDER_MS} ms passed, again after a round
 * trip that grows with each try, and given up after {@value #TRIES} tries or {@value #AGE_MS} ms.
 * Holds at most {@value #CAPACITY} sequence numbers. Moved by its caller's clock; not thread safe.
 */
public final class NackGenerator {
  /** Most sequence numbers that wait for repair at once. */
  public static final int CAPACITY = 512;

  static final int TRIES = 10;
  static final long AGE_MS = 2_000;
  static final long REORDER_MS = 8;
  static final int REORDER_PACKETS = 3;
  private static final long AGE_NS = AGE_MS * 1_000_000;
  private static final long REORDER_NS = REORDER_MS * 1_000_000;
  private static final long REPEAT_MIN_NS = 20_000_000;
  private static final long RTT_DEFAULT_NS = 60_000_000;
  private static final long RTT_MAX_NS = 500_000_000;
  private static final int NEVER = 0;

  // Ascending, since a gap always opens above everything seen before.
  private final long[] missing = new long[CAPACITY];
  private final long[] sinceNs = new long[CAPACITY];
  private final long[] sentNs = new long[CAPACITY];
  private final int[] tries = new int[CAPACITY];
  private int size;
  private long rttNs = RTT_DEFAULT_NS;
  private boolean measured;
  private long givenUp;
  private boolean lost;

  /** Sequence numbers that wait for repair. */
  public int size() {
    return size;
  }

  /** Packets that no repair brought in time, since the start. */
  public long givenUp() {
    return givenUp;
  }

  /** The round trip between a NACK and its repair, in ns. */
  public long rttNs() {
    return rttNs;
  }

  /** Takes and clears the flag that something was given up, so that only a keyframe helps. */
  public boolean takeLost() {
    boolean was = lost;
    lost = false;
    return was;
  }

  /** Notes that {@code from} (inclusive) to {@code to} (exclusive) were skipped. */
  public void onGap(long from, long to, long nowNs) {
    long count = to - from;
    if (count > CAPACITY) {
      giveUp(size + count);
      size = 0;
      return;
    }
    int overflow = (int) (size + count - CAPACITY);
    if (overflow > 0) {
      giveUp(overflow);
      remove(0, overflow);
    }
    for (long sequence = from; sequence < to; sequence++) {
      missing[size] = sequence;
      sinceNs[size] = nowNs;
      sentNs[size] = 0;
      tries[size] = NEVER;
      size++;
    }
  }

  /**
   * Notes that {@code from} (inclusive) to {@code to} (exclusive), all below everything known so
   * far, are missing: a stream's first packets came in disorder.
   */
  public void onGapBelow(long from, long to, long nowNs) {
    int count = (int) Math.min(to - from, CAPACITY - size);
    if (count <= 0) {
      return;
    }
    System.arraycopy(missing, 0, missing, count, size);
    System.arraycopy(sinceNs, 0, sinceNs, count, size);
    System.arraycopy(sentNs, 0, sentNs, count, size);
    System.arraycopy(tries, 0, tries, count, size);
    for (int i = 0; i < count; i++) {
      missing[i] = to - count + i;
      sinceNs[i] = nowNs;
      sentNs[i] = 0;
      tries[i] = NEVER;
    }
    size += count;
  }

  /** Notes that a packet from below the highest arrived. @return whether it had been asked for */
  public boolean onLate(long sequence, long nowNs) {
    int at = find(sequence);
    if (at < 0) {
      return false;
    }
    boolean asked = tries[at] != NEVER;
    if (tries[at] == 1) {
      learn(nowNs - sentNs[at]);
    }
    remove(at, 1);
    return asked;
  }

  /**
   * Notes that a packet from below the highest was made from others, which teaches no round trip.
   */
  public void onMade(long sequence) {
    int at = find(sequence);
    if (at >= 0) {
      remove(at, 1);
    }
  }

  /** The round trip to the source has been measured by other means than a repair. */
  public void onRoundTrip(long measuredNs) {
    learn(measuredNs);
  }

  /** Forgets everything, as when the source restarts. */
  public void clear() {
    size = 0;
  }

  /**
   * Writes the sequence numbers to ask for now into {@code out}, ascending, and counts the try.
   *
   * @param highest highest sequence number that arrived
   * @return how many were written
   */
  public int collect(long highest, long nowNs, long[] out) {
    expire(nowNs);
    int count = 0;
    for (int i = 0; i < size && count < out.length; i++) {
      if (dueNs(i, highest) <= nowNs) {
        tries[i]++;
        sentNs[i] = nowNs;
        out[count++] = missing[i];
      }
    }
    return count;
  }

  /** When {@link #collect} has something to do next; Long.MAX_VALUE without gaps. */
  public long deadlineNs(long highest) {
    long deadline = Long.MAX_VALUE;
    for (int i = 0; i < size; i++) {
      deadline = Math.min(deadline, Math.min(dueNs(i, highest), sinceNs[i] + AGE_NS));
    }
    return deadline;
  }

  private long dueNs(int i, long highest) {
    if (tries[i] == NEVER) {
      return highest - missing[i] >= REORDER_PACKETS ? sinceNs[i] : sinceNs[i] + REORDER_NS;
    }
    // A quarter more than the round trip, and more with each try: the path may be congested.
    long wait = Math.max(REPEAT_MIN_NS, rttNs + rttNs / 4);
    return sentNs[i] + wait + (tries[i] - 1) * wait / 4;
  }

  private void expire(long nowNs) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      boolean exhausted = tries[i] >= TRIES && nowNs - sentNs[i] >= rttNs;
      if (exhausted || nowNs - sinceNs[i] >= AGE_NS) {
        giveUp(1);
      } else {
        if (kept != i) {
          missing[kept] = missing[i];
          sinceNs[kept] = sinceNs[i];
          sentNs[kept] = sentNs[i];
          tries[kept] = tries[i];
        }
        kept++;
      }
    }
    size = kept;
  }

  private void giveUp(long count) {
    givenUp += count;
    lost = true;
  }

  private void learn(long sampleNs) {
    long sample = Math.min(Math.max(sampleNs, 1_000_000), RTT_MAX_NS);
    rttNs = measured ? rttNs + (sample - rttNs) / 8 : sample;
    measured = true;
  }

  private int find(long sequence) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (missing[middle] < sequence) {
        low = middle + 1;
      } else if (missing[middle] > sequence) {
        high = middle - 1;
      } else {
        return middle;
      }
    }
    return -1;
  }

  private void remove(int at, int count) {
    int rest = size - at - count;
    System.arraycopy(missing, at + count, missing, at, rest);
    System.arraycopy(sinceNs, at + count, sinceNs, at, rest);
    System.arraycopy(sentNs, at + count, sentNs, at, rest);
    System.arraycopy(tries, at + count, tries, at, rest);
    size -= count;
  }
}
