package live.banyan.sfu.client;

/**
 * Durations with a relative error below 0.4%: 128 buckets an octave from 1 us to one hour, beyond
 * which all count as an hour. Fixed size, so that a long watch costs no more than a short one. Not
 * thread safe.
 */
public final class LatencyHistogram {
  private static final int SUB_BITS = 8;
  private static final int SUB = 1 << SUB_BITS;
  private static final long UNIT_NS = 1_000;
  private static final long MAX_NS = 3_600_000_000_000L;

  private final int[] buckets = new int[bucket(MAX_NS / UNIT_NS) + 1];
  private long count;

  /** Notes one duration; negative ones count as 0. */
  public void record(long durationNs) {
    buckets[bucket(Math.clamp(durationNs, 0, MAX_NS) / UNIT_NS)]++;
    count++;
  }

  /** Adds what another histogram holds. */
  public void add(LatencyHistogram other) {
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] += other.buckets[i];
    }
    count += other.count;
  }

  /** Takes away what an earlier copy of this histogram held. */
  public void subtract(LatencyHistogram earlier) {
    for (int i = 0; i < buckets.length; i++) {
      buckets[i] -= earlier.buckets[i];
    }
    count -= earlier.count;
  }

  /** Durations noted. */
  public long count() {
    return count;
  }

  /**
   * The duration that a share of all does not exceed.
   *
   * @param share 0 to 1
   * @return nanoseconds, or -1 where nothing was noted
   */
  public long quantileNs(double share) {
    if (count == 0) {
      return -1;
    }
    long rank = Math.max(1, (long) Math.ceil(share * count));
    long seen = 0;
    for (int i = 0; i < buckets.length; i++) {
      seen += buckets[i];
      if (seen >= rank) {
        return middleUnits(i) * UNIT_NS;
      }
    }
    throw new IllegalStateException("buckets hold less than was counted");
  }

  // Below SUB units buckets are exact; above, SUB / 2 of them share an octave.
  private static int bucket(long units) {
    if (units < SUB) {
      return (int) units;
    }
    int octave = 63 - Long.numberOfLeadingZeros(units) - (SUB_BITS - 1);
    return octave * (SUB / 2) + (int) (units >> octave);
  }

  private static long middleUnits(int bucket) {
    if (bucket < SUB) {
      return bucket;
    }
    int octave = bucket / (SUB / 2) - 1;
    long low = (long) (bucket - octave * (SUB / 2)) << octave;
    return low + (1L << octave) / 2;
  }
}
