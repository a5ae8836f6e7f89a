package live.banyan.sfu.relay;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import live.banyan.sfu.io.DatagramIo;
import live.banyan.sfu.io.UdpSockets;
import live.banyan.sfu.shard.Shard;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.sfu.shard.ShardConfig;
import live.banyan.sfu.shard.ShardCounters;
import live.banyan.sfu.shard.ShardEvent;

/** A real shard on a real socket, driven by a thread as the node drives it. */
final class ShardThread implements Consumer<ShardCommand>, AutoCloseable {
  private final DatagramIo io = open();
  private final Queue<ShardCommand> commands = new ConcurrentLinkedQueue<>();
  private final ShardCounters counters = new ShardCounters();
  private final Thread thread;
  private volatile Consumer<ShardEvent> events = event -> {};
  private volatile boolean closed;

  ShardThread() {
    thread = Thread.ofPlatform().daemon().name("shard").start(this::run);
  }

  String announced() {
    return "127.0.0.1:" + io.localAddress().getPort();
  }

  void events(Consumer<ShardEvent> events) {
    this.events = events;
  }

  ShardCounters counters() {
    return counters;
  }

  @Override
  public void accept(ShardCommand command) {
    commands.add(command);
    io.wake();
  }

  @Override
  public void close() throws InterruptedException {
    closed = true;
    io.wake();
    thread.join(2000);
  }

  private void run() {
    try (io;
        Shard shard =
            new Shard(
                io,
                event -> events.accept(event),
                new Random(1),
                counters,
                ShardConfig.standard(0))) {
      while (!closed) {
        int received = io.receive(10_000_000);
        long nowNs = System.nanoTime();
        for (int i = 0; i < received; i++) {
          shard.onDatagram(
              io.receiveMemory(),
              io.offset(i),
              io.length(i),
              io.addressHigh(i),
              io.addressLow(i),
              io.port(i),
              nowNs);
        }
        shard.onBatchEnd(nowNs);
        for (ShardCommand next = commands.poll(); next != null; next = commands.poll()) {
          shard.execute(next, nowNs);
        }
        if (shard.nextDeadlineNs() <= nowNs) {
          shard.onTimer(nowNs);
        }
        shard.onBatchEnd(nowNs);
      }
    }
  }

  private static DatagramIo open() {
    try {
      return UdpSockets.open(new InetSocketAddress("127.0.0.1", 0));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
