package live.banyan.node.data;

/**
 * Which of a stream's latest messages have been here: two parents send the same while a node
 * changes from one to the other.
 */
final class SeenMessages {
  /** Numbers remembered; what comes later than this many newer ones counts as seen. */
  static final int WINDOW = 1024;

  private final long[] seen = new long[WINDOW / Long.SIZE];
  private long newest = -1;

  /** Whether nothing has been here yet. */
  boolean isEmpty() {
    return newest < 0;
  }

  /** Notes a number; false when it has been here. Numbers are not negative. */
  boolean add(long number) {
    if (number > newest) {
      forget(newest + 1, number);
      newest = number;
    } else if (newest - number >= WINDOW || isSet(number)) {
      return false;
    }
    seen[word(number)] |= 1L << (number % Long.SIZE);
    return true;
  }

  private void forget(long from, long to) {
    if (to - from >= WINDOW) {
      java.util.Arrays.fill(seen, 0);
      return;
    }
    for (long number = from; number <= to; number++) {
      seen[word(number)] &= ~(1L << (number % Long.SIZE));
    }
  }

  private boolean isSet(long number) {
    return (seen[word(number)] & 1L << (number % Long.SIZE)) != 0;
  }

  private static int word(long number) {
    return (int) (number / Long.SIZE % (WINDOW / Long.SIZE));
  }
}
