package live.banyan.sfu.relay;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The thread that owns the state of all links: takes work from a bounded mailbox and calls the
 * ticker whenever its deadline has come.
 */
final class LinkLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkLoop.class);

  /** Where data stops, so that control always finds room. */
  static final int DATA_MAX = 8192;

  private static final int MAILBOX_MAX = 2 * DATA_MAX;
  private static final long IDLE_WAIT_NS = 1_000_000_000L;

  /** Ticks come no closer than this, however many links there are. */
  private static final long TICK_NS = 2_000_000L;

  private final BlockingQueue<Runnable> mailbox = new ArrayBlockingQueue<>(MAILBOX_MAX);
  private final Ticker ticker;
  private final Thread thread;
  private volatile boolean closed;

  /** Loop thread only. */
  private long nextTickNs;

  /** Called on the loop's thread. */
  interface Ticker {
    /**
     * @param lateNs how much later than asked for this comes
     * @return nanoseconds until the next call wanted; {@link Long#MAX_VALUE} for none
     */
    long tick(long nowNs, long lateNs);
  }

  LinkLoop(Ticker ticker) {
    this.ticker = ticker;
    this.nextTickNs = System.nanoTime() + IDLE_WAIT_NS;
    this.thread = Thread.ofPlatform().name("relay-links").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Work that may be lost under overload. @return false when it was */
  boolean data(Runnable work) {
    return mailbox.size() < DATA_MAX && mailbox.offer(work);
  }

  /**
   * Work that must not be lost; its amount is bounded by the number of links.
   *
   * @return false when the loop has ended, and the work will never be done
   */
  boolean control(Runnable work) {
    if (closed) {
      return false;
    }
    if (!mailbox.offer(work)) {
      throw new RejectedExecutionException("the mailbox of the links is full");
    }
    // The thread may have emptied the mailbox for the last time in between.
    return !(closed && mailbox.remove(work));
  }

  /** Loop thread only: something has a new deadline. */
  void tickSoon() {
    nextTickNs = System.nanoTime();
  }

  /** Ends the thread, after what is in the mailbox. */
  @Override
  public void close() {
    closed = true;
    mailbox.offer(() -> {});
    try {
      thread.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closed) {
      try {
        Runnable work = mailbox.poll(nextTickNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (work != null) {
          work.run();
        }
        long nowNs = System.nanoTime();
        if (nowNs - nextTickNs >= 0) {
          long waitNs = ticker.tick(nowNs, nowNs - nextTickNs);
          nextTickNs = nowNs + Math.clamp(waitNs, TICK_NS, IDLE_WAIT_NS);
        }
      } catch (InterruptedException e) {
        closed = true;
      } catch (RuntimeException e) {
        // A bug in one link must not take the others down with it.
        LOG.error("work on a link failed", e);
      }
    }
    for (Runnable work = mailbox.poll(); work != null; work = mailbox.poll()) {
      try {
        work.run();
      } catch (RuntimeException e) {
        LOG.error("the last work on a link failed", e);
      }
    }
  }
}
