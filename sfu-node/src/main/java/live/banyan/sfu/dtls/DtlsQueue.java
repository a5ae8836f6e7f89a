package live.banyan.sfu.dtls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.bouncycastle.tls.DatagramTransport;
import org.jspecify.annotations.Nullable;

/**
 * The datagrams between the network and Bouncy Castle, which wants to block. {@link #offer} is
 * called from any thread, {@link #receive} from the association's one.
 */
final class DtlsQueue implements DatagramTransport {
  /** Room for DTLS in a path MTU of 1,280 and in what TURN and tunnels take off it. */
  static final int SEND_BYTES_MAX = 1200;

  /** Longest datagram taken: a receive slot. */
  static final int RECEIVE_BYTES_MAX = 2048;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final ArrayDeque<byte[]> waiting = new ArrayDeque<>();
  private final int bound;
  private final Consumer<byte[]> network;
  private final Turnstile turnstile;
  private boolean closed;
  private long taken;

  // Records of the flight being written; the handshake's thread only. Null once connected.
  private byte @Nullable [] flight = new byte[SEND_BYTES_MAX];
  private int flightLength;

  DtlsQueue(int bound, Consumer<byte[]> network, Turnstile turnstile) {
    this.bound = bound;
    this.network = network;
    this.turnstile = turnstile;
  }

  /** The right to compute, given back while waiting for the network. */
  interface Turnstile {
    void leave();

    void enter();
  }

  /** False when the queue is full. After {@link #shut} datagrams vanish. */
  boolean offer(byte[] datagram) {
    lock.lock();
    try {
      if (closed) {
        return true;
      }
      if (waiting.size() >= bound) {
        return false;
      }
      waiting.add(datagram);
      arrived.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  boolean isEmpty() {
    lock.lock();
    try {
      return waiting.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Datagrams handed to the record layer so far. */
  long taken() {
    lock.lock();
    try {
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** Whether {@link #shut} was called, by us or by the record layer. */
  boolean isClosed() {
    lock.lock();
    try {
      return closed;
    } finally {
      lock.unlock();
    }
  }

  /** Ends waiting: a handshake under way fails at its next receive. */
  void shut() {
    lock.lock();
    try {
      closed = true;
      waiting.clear();
      arrived.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int getReceiveLimit() {
    return RECEIVE_BYTES_MAX;
  }

  @Override
  public int getSendLimit() {
    return SEND_BYTES_MAX;
  }

  @Override
  public int receive(byte[] buffer, int offset, int length, int waitMillis) throws IOException {
    byte[] datagram = poll(waitMillis);
    if (datagram == null) {
      return -1;
    }
    int copied = Math.min(length, datagram.length);
    System.arraycopy(datagram, 0, buffer, offset, copied);
    return copied;
  }

  private byte @Nullable [] poll(int waitMillis) throws IOException {
    flush();
    turnstile.leave();
    try {
      lock.lockInterruptibly();
      try {
        long leftNs = TimeUnit.MILLISECONDS.toNanos(Math.max(1, waitMillis));
        while (waiting.isEmpty() && !closed && leftNs > 0) {
          leftNs = arrived.awaitNanos(leftNs);
        }
        if (closed) {
          throw new InterruptedIOException("association closed");
        }
        byte[] datagram = waiting.poll();
        taken += datagram == null ? 0 : 1;
        return datagram;
      } finally {
        lock.unlock();
      }
    } catch (InterruptedException e) {
      throw new InterruptedIOException("association interrupted");
    } finally {
      turnstile.enter();
    }
  }

  /**
   * Bouncy Castle writes a record per call. A flight in one datagram instead of five is lost as a
   * whole less often, and its ChangeCipherSpec cannot arrive behind what it announces.
   */
  @Override
  public void send(byte[] buffer, int offset, int length) {
    byte[] collecting = flight;
    if (collecting == null) {
      network.accept(Arrays.copyOfRange(buffer, offset, offset + length));
      return;
    }
    if (flightLength + length > SEND_BYTES_MAX) {
      flush();
    }
    System.arraycopy(buffer, offset, collecting, flightLength, length);
    flightLength += length;
  }

  /** Sends what the flight holds; called wherever the handshake would wait, and at its end. */
  private void flush() {
    byte[] collected = flight;
    if (collected != null && flightLength > 0) {
      byte[] datagram = Arrays.copyOf(collected, flightLength);
      flightLength = 0;
      network.accept(datagram);
    }
  }

  /** The handshake's thread says that it has written its last flight; records leave singly now. */
  void finishFlights() {
    flush();
    flight = null;
  }

  /** Called by the record layer when either end closes; what is queued behind is moot. */
  @Override
  public void close() {
    flush();
    shut();
  }
}
