package live.banyan.system;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for what other processes do: asks again until it holds, up to a deadline. */
final class Eventually {
  private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(10);

  private Eventually() {}

  /** Something that may not hold yet. An I/O error counts as not yet. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException, InterruptedException;
  }

  /**
   * Returns when the condition holds.
   *
   * @param what ends the sentence "waited in vain for ..."
   * @return how long that took, in nanoseconds
   */
  static long until(String what, Duration patience, Condition condition)
      throws InterruptedException {
    long start = System.nanoTime();
    IOException last = null;
    do {
      try {
        if (condition.holds()) {
          return System.nanoTime() - start;
        }
        last = null;
      } catch (IOException e) {
        last = e;
      }
      pause();
    } while (System.nanoTime() - start < patience.toNanos());
    throw new AssertionError("waited " + patience.toMillis() + " ms in vain for " + what, last);
  }

  /** Lets time pass while something is observed: there is no event to wait for. */
  static void observeFor(Duration time) throws InterruptedException {
    long end = System.nanoTime() + time.toNanos();
    for (long left; (left = end - System.nanoTime()) > 0; ) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private static void pause() throws InterruptedException {
    LockSupport.parkNanos(POLL_NS);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }
}
