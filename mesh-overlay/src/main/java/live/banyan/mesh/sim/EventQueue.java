package live.banyan.mesh.sim;

import java.util.Arrays;

/**
 * What is due, by virtual time, and in the order of asking where times are equal. A heap with four
 * children per entry in flat arrays: a hundred thousand nodes keep a million entries in it.
 */
final class EventQueue {
  private static final int FAN = 4;

  /** More than this at one moment is a machine that asks to be woken in the past. */
  private static final int AT_ONCE_MAX = 10_000_000;

  private long[] atNs = new long[1 << 12];
  private long[] order = new long[1 << 12];
  private Runnable[] work = new Runnable[1 << 12];
  private int size;
  private long asked;
  private long nowNs;
  private long done;

  long nowNs() {
    return nowNs;
  }

  /** Entries that have been run. */
  long done() {
    return done;
  }

  void after(long delayNs, Runnable what) {
    if (size == atNs.length) {
      atNs = Arrays.copyOf(atNs, 2 * size);
      order = Arrays.copyOf(order, 2 * size);
      work = Arrays.copyOf(work, 2 * size);
    }
    long dueNs = nowNs + Math.max(0, delayNs);
    long number = asked++;
    int hole = size++;
    while (hole > 0) {
      int above = (hole - 1) / FAN;
      if (!before(dueNs, number, above)) {
        break;
      }
      move(above, hole);
      hole = above;
    }
    set(hole, dueNs, number, what);
  }

  /** Runs all that is due until then; the clock stands there afterwards. */
  void runUntil(long untilNs) {
    long atOnce = 0;
    while (size > 0 && atNs[0] <= untilNs) {
      atOnce = atNs[0] == nowNs ? atOnce + 1 : 0;
      if (atOnce > AT_ONCE_MAX) {
        throw new IllegalStateException("time stands still at " + nowNs + " ns");
      }
      nowNs = atNs[0];
      done++;
      take().run();
    }
    nowNs = untilNs;
  }

  @SuppressWarnings("NullAway") // entries beyond the size are null, and none of those is taken
  private Runnable take() {
    Runnable first = work[0];
    int last = --size;
    long dueNs = atNs[last];
    long number = order[last];
    Runnable what = work[last];
    work[last] = null;
    if (last > 0) {
      int hole = 0;
      while (true) {
        int least = FAN * hole + 1;
        if (least >= last) {
          break;
        }
        int end = Math.min(least + FAN, last);
        for (int i = least + 1; i < end; i++) {
          if (before(atNs[i], order[i], least)) {
            least = i;
          }
        }
        if (before(dueNs, number, least)) {
          break;
        }
        move(least, hole);
        hole = least;
      }
      set(hole, dueNs, number, what);
    }
    return first;
  }

  private boolean before(long dueNs, long number, int entry) {
    return dueNs != atNs[entry] ? dueNs < atNs[entry] : number < order[entry];
  }

  private void move(int from, int to) {
    set(to, atNs[from], order[from], work[from]);
  }

  private void set(int entry, long dueNs, long number, Runnable what) {
    atNs[entry] = dueNs;
    order[entry] = number;
    work[entry] = what;
  }
}
