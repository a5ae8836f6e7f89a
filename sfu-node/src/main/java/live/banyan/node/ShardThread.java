package live.banyan.node;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import live.banyan.sfu.io.DatagramIo;
import live.banyan.sfu.io.ShardRing;
import live.banyan.sfu.shard.Neighbour;
import live.banyan.sfu.shard.Shard;
import live.banyan.sfu.shard.ShardCommand;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The platform thread that drives one shard: commands, datagrams and what other shards left for it
 * in, one clock reading per batch, one flush at its end. Commands may come from any thread through
 * a bounded queue.
 */
final class ShardThread implements Consumer<ShardCommand>, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ShardThread.class);

  private static final int COMMANDS_MAX = 16_384;
  private static final int COMMANDS_PER_TURN = 256;

  /** Four seconds of 2.5 Mbit/s: more than a shard is ever busy with something else. */
  private static final int RING_BYTES = 1 << 20;

  private static final int RECORDS_PER_TURN = 1_024;

  /** Longest wait for a datagram: bounds how late a stop is seen if a wake-up were lost. */
  private static final long WAIT_MAX_NS = 1_000_000_000L;

  private final DatagramIo io;
  private final Shard shard;
  private final ArrayBlockingQueue<ShardCommand> commands = new ArrayBlockingQueue<>(COMMANDS_MAX);
  private final AtomicLong refusedCommands = new AtomicLong();
  private final AtomicLong exceptions = new AtomicLong();
  private final Thread thread;
  private final List<ShardRing> incoming = new ArrayList<>();
  private final List<ShardRing.Reader> readers = new ArrayList<>();
  private @Nullable ShardThread[] others = {};
  private boolean[] owed = {};
  private long turnNs;
  private final Busyness busyness =
      new Busyness(ManagementFactory.getThreadMXBean()::getCurrentThreadCpuTime);
  private volatile boolean running = true;

  ShardThread(int index, DatagramIo io, Shard shard) {
    this.io = io;
    this.shard = shard;
    this.thread = Thread.ofPlatform().name("banyan-shard-" + index).unstarted(this::loop);
  }

  /** Connects all shards of a node to each other, before they start. */
  static void connect(List<ShardThread> all) {
    for (ShardThread one : all) {
      one.others = new @Nullable ShardThread[all.size()];
      one.owed = new boolean[all.size()];
      @Nullable Neighbour[] neighbours = new @Nullable Neighbour[all.size()];
      for (int i = 0; i < neighbours.length; i++) {
        ShardThread other = all.get(i);
        if (other != one) {
          one.others[i] = other;
          neighbours[i] = one.to(i, other.from(all.indexOf(one)));
        }
      }
      one.shard.introduce(neighbours);
    }
  }

  /** A ring on which another shard writes to this one. */
  private ShardRing from(int index) {
    ShardRing ring = new ShardRing(RING_BYTES);
    incoming.add(ring);
    readers.add(
        (kind, first, second, third, memory, offset, length) ->
            shard.onNeighbour(index, kind, first, second, third, memory, offset, length, turnNs));
    return ring;
  }

  private Neighbour to(int index, ShardRing ring) {
    return (kind, first, second, third, data, offset, length) -> {
      owed[index] = true;
      return ring.offer(kind, first, second, third, data, offset, length);
    };
  }

  void start() {
    thread.start();
  }

  /** Hands over a command; refused and counted when the queue is full. */
  @Override
  public void accept(ShardCommand command) {
    if (!commands.offer(command)) {
      refusedCommands.incrementAndGet();
      return;
    }
    if (Thread.currentThread() != thread) {
      io.wake();
    }
  }

  /** Commands that found the queue full. */
  long refusedCommands() {
    return refusedCommands.get();
  }

  /** Unexpected exceptions: each is a bug, and what it touched was dropped. */
  long exceptions() {
    return exceptions.get();
  }

  /**
   * Bytes that the thread has put on the heap: per packet nothing, so this stands still while
   * nobody joins. -1 where the JVM does not tell.
   */
  long allocatedBytes() {
    return ManagementFactory.getThreadMXBean() instanceof ThreadMXBean threads
        ? threads.getThreadAllocatedBytes(thread.threadId())
        : -1;
  }

  /** Share of a processor that the thread had in the last seconds, 0 to 1. */
  double busyShare() {
    return busyness.share();
  }

  private void loop() {
    turnNs = System.nanoTime();
    while (running) {
      try {
        turn();
      } catch (RuntimeException e) {
        failed(e);
      }
    }
    shard.close();
    io.close();
  }

  private void turn() {
    long idleNs = System.nanoTime();
    busyness.turned(idleNs);
    long timeoutNs = timeoutNs(idleNs);
    long restNs = Math.min(timeoutNs, shard.restNs(turnNs));
    if (restNs > 0) {
      io.rest(restNs);
      timeoutNs = timeoutNs(System.nanoTime());
    }
    int received = io.receive(timeoutNs);
    long nowNs = System.nanoTime();
    turnNs = nowNs;
    drainCommands(nowNs);
    for (int i = 0; i < incoming.size(); i++) {
      try {
        incoming.get(i).drain(readers.get(i), RECORDS_PER_TURN);
      } catch (RuntimeException e) {
        failed(e);
      }
    }
    for (int i = 0; i < received; i++) {
      try {
        shard.onDatagram(
            io.receiveMemory(),
            io.offset(i),
            io.length(i),
            io.addressHigh(i),
            io.addressLow(i),
            io.port(i),
            nowNs);
      } catch (RuntimeException e) {
        failed(e);
      }
    }
    shard.onBatchEnd(nowNs);
    if (shard.nextDeadlineNs() <= nowNs) {
      shard.onTimer(nowNs);
    }
    io.flush();
    wakeOthers();
  }

  /** Once a turn, however much was left for them. */
  private void wakeOthers() {
    for (int i = 0; i < owed.length; i++) {
      ShardThread other = others[i];
      if (owed[i] && other != null) {
        owed[i] = false;
        other.io.wake();
      }
    }
  }

  private boolean hasRecords() {
    for (int i = 0; i < incoming.size(); i++) {
      if (!incoming.get(i).isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private long timeoutNs(long nowNs) {
    if (!commands.isEmpty() || hasRecords()) {
      return 0;
    }
    // Long.MIN_VALUE and Long.MAX_VALUE mean at once and never: no difference may be taken of them.
    long deadlineNs = shard.nextDeadlineNs();
    return deadlineNs <= nowNs ? 0 : Math.min(deadlineNs - nowNs, WAIT_MAX_NS);
  }

  private void drainCommands(long nowNs) {
    for (int i = 0; i < COMMANDS_PER_TURN; i++) {
      @Nullable ShardCommand command = commands.poll();
      if (command == null) {
        return;
      }
      try {
        shard.execute(command, nowNs);
      } catch (RuntimeException e) {
        failed(e);
      }
    }
  }

  private void failed(RuntimeException e) {
    // The first few with their traces; a flood of them must not become a flood of log lines.
    if (exceptions.incrementAndGet() <= 20) {
      log.error("the media shard hit a bug; what it was working on is dropped", e);
    }
  }

  /** Stops the thread, which then closes shard and socket. */
  @Override
  public void close() {
    running = false;
    io.wake();
    try {
      thread.join(2_000);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
