package live.banyan.sfu.client;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import live.banyan.sfu.io.DatagramIo;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that receives for all sessions of a host and wakes them when something is due. */
final class ClientLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ClientLoop.class);
  private static final long NEVER = Long.MAX_VALUE;
  private static final long NANOS_PER_MS = 1_000_000L;

  private final Selector selector;
  private final Thread thread;
  private final ByteBuffer receiveBuffer = ByteBuffer.allocateDirect(DatagramIo.SLOT_BYTES);
  private final MemorySegment receiveMemory = MemorySegment.ofBuffer(receiveBuffer);

  // From handshakes and callers: a handful per session, so its length is bounded by theirs.
  private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
  private final List<ClientTransport> transports = new ArrayList<>();
  private final Object ending = new Object();
  private boolean ended; // guarded by ending
  private volatile boolean closing;

  ClientLoop(String name) throws IOException {
    selector = Selector.open();
    thread = Thread.ofPlatform().name(name).daemon().unstarted(this::run);
    thread.start();
  }

  /** Runs a command on the loop's thread; once that has ended, on the caller's. */
  void execute(Runnable command) {
    commands.add(command);
    synchronized (ending) {
      if (ended) {
        runCommands();
      } else {
        selector.wakeup();
      }
    }
  }

  private void runCommands() {
    for (Runnable command; (command = commands.poll()) != null; ) {
      command.run();
    }
  }

  Selector selector() {
    return selector;
  }

  /** Where all transports receive; used by one datagram at a time. */
  ByteBuffer receiveBuffer() {
    return receiveBuffer;
  }

  /** The same bytes as {@link #receiveBuffer}. */
  MemorySegment receiveMemory() {
    return receiveMemory;
  }

  void add(ClientTransport transport) {
    transports.add(transport);
  }

  void remove(ClientTransport transport) {
    transports.remove(transport);
  }

  private void run() {
    try {
      while (!closing) {
        turn();
      }
    } catch (IOException e) {
      LOG.error("The client's selector failed", e);
    }
    synchronized (ending) {
      ended = true;
      runCommands();
      for (ClientTransport transport : List.copyOf(transports)) {
        transport.end("closed");
      }
    }
  }

  private void turn() throws IOException {
    runCommands();
    long now = System.nanoTime();
    long deadline = NEVER;
    for (int i = transports.size() - 1; i >= 0; i--) {
      ClientTransport transport = transports.get(i);
      if (transport.dueNs() != NEVER && now - transport.dueNs() >= 0) {
        transport.poll(now); // may end it, which removes it
      }
      if (transport.dueNs() != NEVER) {
        deadline = deadline == NEVER ? transport.dueNs() : earlier(deadline, transport.dueNs());
      }
    }
    select(deadline);
    for (SelectionKey key : selector.selectedKeys()) {
      if (key.isValid() && key.attachment() instanceof ClientTransport transport) {
        transport.receive();
      }
    }
    selector.selectedKeys().clear();
  }

  private static long earlier(long a, long b) {
    return a - b < 0 ? a : b;
  }

  private void select(long deadline) throws IOException {
    if (deadline == NEVER) {
      selector.select();
      return;
    }
    long waitNs = deadline - System.nanoTime();
    if (waitNs <= 0) {
      selector.selectNow();
    } else {
      selector.select((waitNs + NANOS_PER_MS - 1) / NANOS_PER_MS);
    }
  }

  /** Ends all sessions and waits for the thread. */
  @Override
  public void close() {
    closing = true;
    selector.wakeup();
    try {
      thread.join();
      selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      LOG.debug("Closing the selector failed", e);
    }
  }
}
