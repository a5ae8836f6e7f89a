package live.banyan.sfu.dtls;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import live.banyan.sfu.dtls.DtlsListener.Ending;
import live.banyan.sfu.packet.SrtpKeys;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.TlsTimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One DTLS association: datagrams in through {@link #offer}, out through the callback, what becomes
 * of it through the {@link DtlsListener}. All methods are safe from any thread and do not block.
 * The listener hears one thing at a time, {@code onClosed} last.
 */
public final class DtlsAssociation {
  /**
   * Largest application message in bytes: one record in one datagram, whatever the cipher suite
   * adds, and an overlay message of 1,100 bytes with its header.
   */
  public static final int MESSAGE_BYTES_MAX = 1120;

  private static final Logger LOG = LoggerFactory.getLogger(DtlsAssociation.class);
  private static final int RECORD_HEADER_BYTES = 13;

  private enum State {
    NEW,
    HANDSHAKE,
    CONNECTED,
    CLOSED
  }

  private final DtlsEndpoint endpoint;
  private final boolean client;
  private final DtlsTerms terms;
  private final DtlsListener listener;
  private final Turn turn = new Turn();
  private final DtlsQueue queue;
  private final AtomicReference<State> state = new AtomicReference<>(State.NEW);
  private final AtomicBoolean reading = new AtomicBoolean();
  private final ReentrantLock listening = new ReentrantLock();
  private boolean endingTold; // guarded by listening
  private volatile boolean closedHere;
  private volatile @Nullable DTLSTransport connected;

  DtlsAssociation(
      DtlsEndpoint endpoint,
      boolean client,
      DtlsFingerprint expected,
      Consumer<byte[]> network,
      DtlsListener listener) {
    this.endpoint = endpoint;
    this.client = client;
    this.terms = new DtlsTerms(endpoint, expected);
    this.listener = listener;
    this.queue = new DtlsQueue(endpoint.limits().queueDatagrams(), network, turn);
  }

  /** Computing slots are held while a handshake computes, not while it waits for the network. */
  private final class Turn implements DtlsQueue.Turnstile {
    @Override
    public void leave() {
      if (connected == null) {
        endpoint.computing().release();
      }
    }

    @Override
    public void enter() {
      if (connected == null && !endpoint.computing().tryAcquire()) {
        endpoint.counters().waited.increment();
        endpoint.computing().acquireUninterruptibly();
      }
    }
  }

  /** Sends the ClientHello where this end is the client; without effect else, and later. */
  public void start() {
    if (client) {
      begin();
    }
  }

  /**
   * Takes a datagram from the network. A server's handshake begins with the first.
   *
   * @return false when it was dropped (and counted): no DTLS record, or the queue is full
   */
  public boolean offer(byte[] datagram) {
    if (datagram.length < RECORD_HEADER_BYTES
        || datagram.length > DtlsQueue.RECEIVE_BYTES_MAX
        || datagram[0] < 20
        || datagram[0] > 63) {
      endpoint.counters().malformed.increment();
      return false;
    }
    if (!queue.offer(datagram)) {
      endpoint.counters().overflowed.increment();
      return false;
    }
    if (!client) {
      begin();
    }
    if (state.get() == State.CONNECTED) {
      read();
    }
    return true;
  }

  /**
   * Sends one record of application data.
   *
   * @param message at most {@link #MESSAGE_BYTES_MAX} bytes, else IllegalArgumentException
   * @return false when the association is not connected
   */
  public boolean send(byte[] message) {
    if (message.length > MESSAGE_BYTES_MAX) {
      throw new IllegalArgumentException("message of " + message.length + " bytes");
    }
    DTLSTransport transport = connected;
    if (transport == null || state.get() != State.CONNECTED) {
      return false;
    }
    try {
      transport.send(message, 0, message.length);
      return true;
    } catch (IOException | RuntimeException e) {
      LOG.debug("DTLS send failed", e);
      end(Ending.FAILED);
      return false;
    }
  }

  /** Sends close_notify where connected, and ends; {@code onClosed} follows. Idempotent. */
  public void close() {
    closedHere = true;
    State before = state.getAndSet(State.CLOSED);
    switch (before) {
      case NEW -> tellEnding(Ending.CLOSED);
      case HANDSHAKE -> queue.shut(); // the handshake's thread tells
      case CONNECTED ->
          Thread.ofVirtual()
              .name("dtls-close")
              .start(
                  () -> {
                    closeTransport();
                    tellEnding(Ending.CLOSED);
                  });
      case CLOSED -> {}
    }
  }

  private void begin() {
    if (state.compareAndSet(State.NEW, State.HANDSHAKE)) {
      reading.set(true);
      endpoint.counters().started.increment();
      Thread.ofVirtual().name("dtls-handshake").start(this::handshake);
    }
  }

  private void handshake() {
    turn.enter();
    DTLSTransport transport;
    try {
      transport =
          client
              ? new DTLSClientProtocol().connect(new DtlsClientRole(endpoint, terms), queue)
              : new DTLSServerProtocol().accept(new DtlsServerRole(endpoint, terms), queue);
    } catch (IOException | RuntimeException e) {
      fail(e);
      return;
    } finally {
      queue.finishFlights();
      endpoint.computing().release();
      endpoint.counters().ended.increment();
    }
    connected = transport;
    SrtpKeys keys = terms.takeKeys();
    if (keys == null || !state.compareAndSet(State.HANDSHAKE, State.CONNECTED)) {
      closeTransport();
      tellEnding(closedHere ? Ending.CLOSED : Ending.FAILED);
      return;
    }
    endpoint.counters().completed.increment();
    listening.lock();
    try {
      if (!endingTold) {
        listener.onKeys(keys);
      }
    } finally {
      listening.unlock();
    }
    readAll();
  }

  private void fail(Exception cause) {
    queue.shut();
    state.set(State.CLOSED);
    if (closedHere) {
      tellEnding(Ending.CLOSED);
    } else if (terms.peerWrong()) {
      endpoint.counters().wrongFingerprint.increment();
      tellEnding(Ending.WRONG_FINGERPRINT);
    } else if (cause instanceof TlsTimeoutException) {
      endpoint.counters().timedOut.increment();
      tellEnding(Ending.TIMED_OUT);
    } else {
      endpoint.counters().failed.increment();
      LOG.debug("DTLS handshake failed: {}", cause.toString());
      tellEnding(Ending.FAILED);
    }
  }

  /** Starts a reader unless one is at work. */
  private void read() {
    if (reading.compareAndSet(false, true)) {
      Thread.ofVirtual().name("dtls-read").start(this::readAll);
    }
  }

  private void readAll() {
    do {
      drain();
      reading.set(false);
      // What was offered between the last look and the line above has nobody else to read it.
    } while (!queue.isEmpty()
        && state.get() == State.CONNECTED
        && reading.compareAndSet(false, true));
  }

  private void drain() {
    DTLSTransport transport = connected;
    if (transport == null) {
      return;
    }
    byte[] buffer = new byte[DtlsQueue.RECEIVE_BYTES_MAX];
    try {
      while (state.get() == State.CONNECTED && !queue.isEmpty()) {
        long useless = queue.taken();
        // 0 would wait for ever; 1 ms passes only behind records that carry no data.
        int length = transport.receive(buffer, 0, buffer.length, 1);
        while (length >= 0) {
          useless++;
          if (length > 0) {
            tellData(Arrays.copyOf(buffer, length));
          }
          length = transport.receivePending(buffer, 0, buffer.length);
        }
        endpoint.counters().discarded.add(Math.max(0, queue.taken() - useless));
      }
      if (queue.isClosed()) {
        end(Ending.CLOSED_BY_PEER);
      }
    } catch (InterruptedIOException e) {
      // The record layer closes its transport on close_notify, and the queue then does not wait.
      end(Ending.CLOSED_BY_PEER);
    } catch (IOException | RuntimeException e) {
      LOG.debug("DTLS record refused", e);
      end(Ending.FAILED);
    }
  }

  private void end(Ending ending) {
    if (state.compareAndSet(State.CONNECTED, State.CLOSED)) {
      queue.shut();
      tellEnding(ending);
    }
  }

  private void closeTransport() {
    DTLSTransport transport = connected;
    if (transport != null) {
      try {
        transport.close();
      } catch (IOException | RuntimeException e) {
        LOG.debug("DTLS close failed", e);
      }
    }
    queue.shut();
  }

  private void tellData(byte[] message) {
    listening.lock();
    try {
      if (!endingTold) {
        listener.onApplicationData(message);
      }
    } finally {
      listening.unlock();
    }
  }

  private void tellEnding(Ending ending) {
    listening.lock();
    try {
      if (!endingTold) {
        endingTold = true;
        listener.onClosed(ending);
      }
    } finally {
      listening.unlock();
    }
  }
}
