package live.banyan.sfu.relay;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls listeners, in order, on a thread of its own: a listener that takes its time must not stop
 * the heartbeats. Messages are dropped when it falls behind; ups and downs never are.
 */
final class LinkAnnouncer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(LinkAnnouncer.class);
  private static final int MESSAGES_MAX = 4096;

  private final LinkedBlockingQueue<Runnable> queue = new LinkedBlockingQueue<>();
  private final LongAdder dropped;
  private final Thread thread;
  private volatile boolean closed;

  LinkAnnouncer(LongAdder dropped) {
    this.dropped = dropped;
    this.thread = Thread.ofVirtual().name("relay-events").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** A call that may be dropped. */
  void message(Runnable call) {
    if (queue.size() < MESSAGES_MAX) {
      queue.add(call);
    } else {
      dropped.increment();
    }
  }

  /** A call that must come; links change too rarely to fill the queue. */
  void change(Runnable call) {
    queue.add(call);
  }

  /** Ends after what is queued. */
  @Override
  public void close() {
    queue.add(() -> closed = true);
    try {
      thread.join(1000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!closed) {
      try {
        queue.take().run();
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("a listener of links failed", e);
      }
    }
  }
}
