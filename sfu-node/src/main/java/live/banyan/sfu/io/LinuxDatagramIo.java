package live.banyan.sfu.io;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * The native path: recvmmsg and sendmmsg on a non-blocking socket, ppoll to wait, an eventfd to be
 * woken. Nothing is allocated after opening. The socket is AF_INET6 with IPv4 mapped into it, or
 * AF_INET where the kernel has no IPv6.
 */
final class LinuxDatagramIo implements DatagramIo {
  private static final int POLL_SOCKET = 0;
  private static final int POLL_WAKE = 8;

  /** Receive calls between two looks at what the kernel dropped. */
  private static final int OVERFLOW_LOOK = 1024;

  /** While so many messages were sent, something has come: it is taken without being waited for. */
  private static final int LIKELY_AFTER = 16;

  private final Arena arena;
  private final LinuxSocket socket;
  private final WakeDescriptor wake;
  private final InetSocketAddress bind;
  private volatile InetSocketAddress localAddress;
  private final IoCounters counters = new IoCounters();
  private final ReceiveBatch receiveBatch;
  private final SendBatch sendBatch;

  /** Two struct pollfd (fd, events, revents), a struct timespec, and 8 bytes for the eventfd. */
  private final MemorySegment poll;

  private final MemorySegment timeout;
  private final MemorySegment wakeValue;
  private final MemorySegment capture;
  private final SocketMemory socketMemory;
  private int callsToLook = OVERFLOW_LOOK;
  private int received;

  /** Messages sent since the last look at what has come. */
  private int messagesOut;

  private boolean rested;

  private boolean closed;

  private LinuxDatagramIo(
      Arena arena,
      LinuxSocket socket,
      WakeDescriptor wake,
      InetSocketAddress bind,
      UdpOptions options) {
    this.arena = arena;
    this.socket = socket;
    this.wake = wake;
    capture = arena.allocate(LinuxCalls.CAPTURE);
    this.bind = bind;
    localAddress = bind;
    LinkLocalScopes scopes = new LinkLocalScopes();
    receiveBatch =
        new ReceiveBatch(
            arena, socket.layout(), scopes, options.coalescing() && socket.coalesce(arena));
    sendBatch =
        new SendBatch(
            arena,
            socket.layout(),
            scopes,
            counters,
            options.segmentation() && socket.canSegment(arena));
    socketMemory = new SocketMemory(arena, socket.fd());
    poll = arena.allocate(16, 8);
    timeout = arena.allocate(16, 8);
    wakeValue = arena.allocate(8, 8);
    poll.set(ValueLayout.JAVA_INT, POLL_SOCKET, socket.fd());
    poll.set(ValueLayout.JAVA_SHORT, POLL_SOCKET + 4, LinuxCalls.POLLIN);
    poll.set(ValueLayout.JAVA_INT, POLL_WAKE, wake.fd());
    poll.set(ValueLayout.JAVA_SHORT, POLL_WAKE + 4, LinuxCalls.POLLIN);
  }

  static LinuxDatagramIo open(InetSocketAddress bind, UdpOptions options) throws IOException {
    Arena arena = Arena.ofShared();
    LinuxSocket socket = null;
    WakeDescriptor wake = null;
    try {
      socket = LinuxSocket.open(arena, options);
      MemorySegment capture = arena.allocate(LinuxCalls.CAPTURE);
      int eventfd = LinuxCalls.eventfd(capture);
      if (eventfd < 0) {
        throw new IOException("eventfd: " + LinuxCalls.sentence(LinuxCalls.errno(capture)));
      }
      wake = new WakeDescriptor(eventfd);
      return new LinuxDatagramIo(arena, socket, wake, bind, options);
    } catch (IOException | RuntimeException | Error e) {
      if (wake != null) {
        wake.close();
      }
      if (socket != null) {
        socket.close();
      }
      arena.close();
      throw e;
    }
  }

  @Override
  public void join() throws IOException {
    socket.bind(arena, bind);
    localAddress = socket.localAddress(arena, arena.allocate(LinuxCalls.CAPTURE));
  }

  @Override
  public InetSocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public int receive(long timeoutNs) {
    requireOpen();
    if (--callsToLook == 0) {
      callsToLook = OVERFLOW_LOOK;
      counters.overflowed(socketMemory.drops());
    }
    boolean likely = rested || receiveBatch.wasFull() || messagesOut >= LIKELY_AFTER;
    rested = false;
    messagesOut = 0;
    if ((timeoutNs == 0 || likely) && receiveAvailable(false) > 0 || timeoutNs == 0) {
      return received;
    }
    received = 0;
    if (await(POLL_SOCKET, timeoutNs)) {
      receiveAvailable(true);
    }
    return received;
  }

  @Override
  public void rest(long ns) {
    requireOpen();
    await(POLL_WAKE, ns);
    rested = true;
  }

  /**
   * Waits.
   *
   * @param from {@link #POLL_SOCKET} for both descriptors, {@link #POLL_WAKE} for a wake-up alone
   * @return whether the socket is worth asking
   */
  private boolean await(int from, long timeoutNs) {
    poll.set(ValueLayout.JAVA_SHORT, POLL_SOCKET + 6, (short) 0);
    long descriptors = poll.address() + from;
    int count = from == POLL_SOCKET ? 2 : 1;
    long timeoutPointer = 0;
    if (timeoutNs > 0) {
      timeout.set(ValueLayout.JAVA_LONG, 0, timeoutNs / 1_000_000_000L);
      timeout.set(ValueLayout.JAVA_LONG, 8, timeoutNs % 1_000_000_000L);
      timeoutPointer = timeout.address();
    }
    int ready = LinuxCalls.ppoll(descriptors, count, timeoutPointer);
    if (ready < 0) {
      // A second wait would come on top of the first.
      timeout.set(ValueLayout.JAVA_LONG, 0, 0);
      timeout.set(ValueLayout.JAVA_LONG, 8, 0);
      ready = LinuxCalls.ppollAgain(capture, descriptors, count, timeout.address());
    }
    if (ready < 0) {
      int errno = LinuxCalls.errno(capture);
      if (errno != LinuxCalls.EINTR) {
        throw new IllegalStateException("ppoll: " + LinuxCalls.sentence(errno));
      }
      return false;
    }
    if (ready > 0 && poll.get(ValueLayout.JAVA_SHORT, POLL_WAKE + 6) != 0) {
      wake.consume(wakeValue.address());
    }
    return ready > 0 && poll.get(ValueLayout.JAVA_SHORT, POLL_SOCKET + 6) != 0;
  }

  private int receiveAvailable(boolean expected) {
    int result = receiveBatch.fill(socket.fd(), expected, capture, counters);
    if (result == -LinuxCalls.EBADF || result == -LinuxCalls.ENOTSOCK) {
      throw new IllegalStateException("the UDP socket is closed");
    }
    if (result < 0 && result != -LinuxCalls.EAGAIN && result != -LinuxCalls.EINTR) {
      // An ICMP error of an earlier send: it concerns one peer, the socket goes on.
      counters.receiveFailed();
    }
    received = Math.max(0, result);
    return received;
  }

  @Override
  public MemorySegment receiveMemory() {
    return receiveBatch.memory();
  }

  @Override
  public long offset(int i) {
    return receiveBatch.offset(Objects.checkIndex(i, received));
  }

  @Override
  public int length(int i) {
    return receiveBatch.length(Objects.checkIndex(i, received));
  }

  @Override
  public long addressHigh(int i) {
    return receiveBatch.high(Objects.checkIndex(i, received));
  }

  @Override
  public long addressLow(int i) {
    return receiveBatch.low(Objects.checkIndex(i, received));
  }

  @Override
  public int port(int i) {
    return receiveBatch.port(Objects.checkIndex(i, received));
  }

  @Override
  public void wake() {
    wake.wake();
  }

  @Override
  public MemorySegment memory() {
    return sendBatch.memory();
  }

  @Override
  public long claim(long addressHigh, long addressLow, int port, int maxLength) {
    Objects.checkFromToIndex(1, maxLength, SLOT_BYTES);
    if (!sendBatch.hasRoom(maxLength)) {
      flush();
    }
    return sendBatch.claim(addressHigh, addressLow, port, maxLength);
  }

  @Override
  public void commit(int length) {
    sendBatch.commit(length);
  }

  @Override
  public void flush() {
    requireOpen();
    messagesOut += sendBatch.flush(socket.fd(), capture);
  }

  @Override
  public IoCounters counters() {
    return counters;
  }

  @Override
  public String udpPath() {
    return "ffm";
  }

  /** The raw pointers that calls take outlive no arena: a call after close would be a crash. */
  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the UDP socket is closed");
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    wake.close();
    socket.close();
    arena.close();
  }
}
