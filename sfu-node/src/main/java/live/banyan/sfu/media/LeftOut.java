package live.banyan.sfu.media;

import java.util.Arrays;

/**
 * Which packets of a stay on one encoding were left out on purpose, so that those that are sent can
 * be numbered without gaps: what is lost keeps its number, what is left out has none. Looks {@value
 * #REACH} packets back. Not thread safe.
 */
final class LeftOut {
  static final int REACH = 4_096;

  private final long[] bits = new long[REACH / Long.SIZE];
  private final long first;
  private long edge;
  private long total;

  /** Begins with this packet. */
  LeftOut(long sequence) {
    first = sequence;
    edge = sequence;
  }

  /** The first packet of which nothing has been decided. */
  long edge() {
    return edge;
  }

  /** Packets from {@link #edge} to this one are sent, or lost. */
  void keep(long sequence) {
    advance(sequence, false);
  }

  /** The same packets are left out; not for those before the edge. */
  void leaveOut(long sequence) {
    advance(sequence, true);
  }

  private void advance(long sequence, boolean out) {
    if (sequence - edge >= REACH) {
      Arrays.fill(bits, out ? -1 : 0);
      total += out ? sequence + 1 - edge : 0;
      edge = sequence + 1;
    }
    for (; edge <= sequence; edge++) {
      int at = (int) edge & REACH - 1;
      long bit = 1L << at;
      bits[at >> 6] = out ? bits[at >> 6] | bit : bits[at >> 6] & ~bit;
      total += out ? 1 : 0;
    }
  }

  /** Whether a packet was left out; what is too old to be remembered counts as if it was. */
  boolean isLeftOut(long sequence) {
    int at = (int) sequence & REACH - 1;
    return sequence < edge && (sequence <= edge - REACH || (bits[at >> 6] >> at & 1) != 0);
  }

  /** How many packets before this one were left out since the beginning. */
  long before(long sequence) {
    if (sequence >= edge) {
      return total;
    }
    long count = total;
    long at = edge - 1;
    long oldest = Math.max(sequence, Math.max(first, edge - REACH));
    while (at >= oldest) {
      long start = Math.max(oldest, at & -Long.SIZE);
      int width = (int) (at - start) + 1;
      long word = bits[(int) (start & REACH - 1) >> 6] >>> (start & 63);
      count -= Long.bitCount(width == Long.SIZE ? word : word & (1L << width) - 1);
      at = start - 1;
    }
    return count;
  }

  /**
   * The packet whose number without those left out before it is this one.
   *
   * @return -1 where it is too old to be remembered
   */
  long sequenceOf(long thinned) {
    if (thinned < first) {
      return thinned;
    }
    long low = Math.max(first, edge - REACH);
    if (low - before(low) > thinned) {
      return -1;
    }
    long high = edge - 1;
    // The last one with that number: those left out right before it share it.
    while (low < high) {
      long middle = low + high + 1 >>> 1;
      if (middle - before(middle) <= thinned) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low >= edge || isLeftOut(low) || low - before(low) != thinned ? -1 : low;
  }
}
