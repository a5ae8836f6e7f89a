package live.banyan.node.data;

import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The thread that owns all data peers: work from a mailbox, and timers when they are due. */
final class DataThread implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataThread.class);

  /** Packets that may wait; what else waits is bounded by sessions and links. */
  private static final int PACKETS_MAX = 8192;

  private static final int TIMERS_PER_TURN = 64;
  private static final long IDLE_NS = TimeUnit.SECONDS.toNanos(1);

  private final LinkedBlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
  private final AtomicInteger packets = new AtomicInteger();
  private final PriorityQueue<Due> timers = new PriorityQueue<>();
  private final Thread thread;
  private volatile boolean closed;

  private record Due(long atNs, DataPeer peer) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return Long.compare(atNs, other.atNs);
    }
  }

  DataThread() {
    thread = Thread.ofPlatform().name("banyan-data").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void execute(Runnable task) {
    mailbox.add(task);
  }

  /** Work that may be lost under overload; false when it was. */
  boolean packet(Runnable task) {
    if (packets.incrementAndGet() > PACKETS_MAX) {
      packets.decrementAndGet();
      return false;
    }
    mailbox.add(
        () -> {
          packets.decrementAndGet();
          task.run();
        });
    return true;
  }

  /** Notes when a peer wants its timer; on this thread, after whatever was done with the peer. */
  void schedule(DataPeer peer) {
    long deadlineNs = peer.deadlineNs();
    if (deadlineNs < peer.scheduledNs) {
      peer.scheduledNs = deadlineNs;
      timers.add(new Due(deadlineNs, peer));
    }
  }

  private void run() {
    while (!closed) {
      try {
        Due next = timers.peek();
        long waitNs = next == null ? IDLE_NS : Math.min(IDLE_NS, next.atNs - System.nanoTime());
        Runnable task = waitNs <= 0 ? mailbox.poll() : mailbox.poll(waitNs, TimeUnit.NANOSECONDS);
        if (task != null) {
          task.run();
        }
        fire(System.nanoTime());
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        log.error("a data channel task failed", e);
      }
    }
  }

  private void fire(long nowNs) {
    for (int i = 0; i < TIMERS_PER_TURN; i++) {
      Due due = timers.peek();
      if (due == null || due.atNs > nowNs) {
        return;
      }
      timers.remove();
      // An earlier deadline has overtaken this one.
      if (due.atNs == due.peer.scheduledNs) {
        due.peer.scheduledNs = Long.MAX_VALUE;
        due.peer.onTimer(nowNs);
        schedule(due.peer);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    mailbox.add(() -> {});
  }
}
