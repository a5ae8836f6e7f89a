package live.banyan.sfu.sctp;

import java.util.Map;
import java.util.TreeMap;

/** Which TSNs have arrived: all up to one, and ranges above it. */
final class ReceivedTsns {
  /** How far ahead of the cumulative one a TSN may be; bounds the ranges as well. */
  static final int AHEAD_MAX = 8192;

  private static final int GAPS_MAX = 100;

  private final TreeMap<Long, Long> ranges = new TreeMap<>();
  private long cumulative;

  ReceivedTsns(int initialTsn) {
    cumulative = Tsn.first(initialTsn) - 1;
  }

  long cumulative() {
    return cumulative;
  }

  boolean hasGaps() {
    return !ranges.isEmpty();
  }

  boolean contains(long tsn) {
    Map.Entry<Long, Long> below = ranges.floorEntry(tsn);
    return tsn <= cumulative || below != null && tsn <= below.getValue();
  }

  /** Notes a TSN that is not contained yet. */
  void add(long tsn) {
    long start = tsn;
    long end = tsn;
    Map.Entry<Long, Long> below = ranges.lowerEntry(tsn);
    if (below != null && below.getValue() == tsn - 1) {
      start = below.getKey();
    }
    Long above = ranges.remove(tsn + 1);
    if (above != null) {
      end = above;
    }
    ranges.put(start, end);
    absorb();
  }

  /** Everything up to {@code tsn} will not be waited for. */
  void skipTo(long tsn) {
    cumulative = Math.max(cumulative, tsn);
    while (!ranges.isEmpty() && ranges.firstKey() <= cumulative) {
      cumulative = Math.max(cumulative, ranges.pollFirstEntry().getValue());
    }
    absorb();
  }

  private void absorb() {
    Map.Entry<Long, Long> first = ranges.firstEntry();
    if (first != null && first.getKey() == cumulative + 1) {
      cumulative = first.getValue();
      ranges.pollFirstEntry();
    }
  }

  /** Offsets of the ranges for a SACK, the lowest ones. */
  int[] gaps() {
    int[] gaps = new int[2 * Math.min(GAPS_MAX, ranges.size())];
    int at = 0;
    for (Map.Entry<Long, Long> range : ranges.entrySet()) {
      if (at == gaps.length) {
        break;
      }
      gaps[at++] = (int) (range.getKey() - cumulative);
      gaps[at++] = (int) (range.getValue() - cumulative);
    }
    return gaps;
  }
}
