package live.banyan.sfu.srtp;

/**
 * Highest packet index of one SSRC and which ones just below it have been seen (RFC 3711 §3.3.1,
 * §3.3.2). A ring of bits: the bit of an index is at the index modulo the window's size.
 */
final class ReplayWindow {
  private final long[] seen;
  private final int size;
  private long highest;

  /**
   * Starts with one packet seen.
   *
   * @param size packets that may be late; a power of two, at least 64
   */
  ReplayWindow(int size, long first) {
    if (size < 64 || Integer.bitCount(size) != 1) {
      throw new IllegalArgumentException("window of " + size);
    }
    this.size = size;
    seen = new long[size / 64];
    highest = first;
    mark(first);
  }

  /**
   * The 48-bit index that a 16-bit sequence number most likely stands for: the one closest to the
   * highest so far (RFC 3711 §3.3.1). Negative before the beginning.
   */
  long estimate(int sequence) {
    int last = (int) highest & 0xFFFF;
    long rollover = highest >>> 16;
    if (last < 0x8000) {
      if (sequence - last > 0x8000) {
        rollover--;
      }
    } else if (last - 0x8000 > sequence) {
      rollover++;
    }
    return (rollover << 16) + sequence;
  }

  /** Whether the index has been seen or is too old to tell. */
  boolean refuses(long index) {
    if (index > highest) {
      return false;
    }
    return highest - index >= size || (seen[word(index)] & 1L << index) != 0;
  }

  /** Notes an authenticated packet that is not {@link #refuses refused}. */
  void accept(long index) {
    if (index > highest) {
      if (index - highest >= size) {
        java.util.Arrays.fill(seen, 0);
      } else {
        for (long skipped = highest + 1; skipped < index; skipped++) {
          seen[word(skipped)] &= ~(1L << skipped);
        }
      }
      highest = index;
    }
    mark(index);
  }

  private void mark(long index) {
    seen[word(index)] |= 1L << index;
  }

  private int word(long index) {
    return (int) (index & (size - 1)) >>> 6;
  }
}
