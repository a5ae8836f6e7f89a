package live.banyan.sfu.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.BindException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The portable path: one {@link DatagramChannel} and one {@link Selector}, a system call per
 * datagram. Same slots and addresses as the native path. The JDK allocates an address object for
 * most datagrams that arrive; addresses to send to are kept in a bounded table. Waits are rounded
 * up to whole milliseconds.
 */
final class NioDatagramIo implements DatagramIo {
  private static final int RECEIVE_SLOTS = 64;
  private static final int SEND_SLOTS = 64;

  /** One byte more than a slot, so that a datagram that fills it can be told from a longer one. */
  private static final int STRIDE = SLOT_BYTES + 64;

  private final DatagramChannel channel;
  private final Selector selector;
  private final InetSocketAddress bind;
  private volatile InetSocketAddress localAddress;
  private volatile boolean joined;
  private final IoCounters counters = new IoCounters();
  private final Arena arena = Arena.ofShared();

  private final MemorySegment receiveMemory = arena.allocate((long) RECEIVE_SLOTS * STRIDE, 64);
  private final ByteBuffer receiveBuffer = receiveMemory.asByteBuffer();
  private final int[] lengths = new int[RECEIVE_SLOTS];
  private final long[] highs = new long[RECEIVE_SLOTS];
  private final long[] lows = new long[RECEIVE_SLOTS];
  private final int[] ports = new int[RECEIVE_SLOTS];
  private @Nullable SocketAddress lastSender;
  private long lastHigh;
  private long lastLow;
  private int lastPort;

  private final MemorySegment sendMemory = arena.allocate((long) SEND_SLOTS * SLOT_BYTES, 64);
  private final ByteBuffer sendBuffer = sendMemory.asByteBuffer();
  private final int[] sendLengths = new int[SEND_SLOTS];
  private final @Nullable InetSocketAddress[] sendTargets = new InetSocketAddress[SEND_SLOTS];
  private final LinkLocalScopes scopes = new LinkLocalScopes();
  private final PeerAddresses peers = new PeerAddresses(scopes);
  private int committed;
  private int claimedLength = -1;

  private NioDatagramIo(DatagramChannel channel, Selector selector, InetSocketAddress bind) {
    this.channel = channel;
    this.selector = selector;
    this.bind = bind;
    this.localAddress = bind;
  }

  static NioDatagramIo open(InetSocketAddress bind, UdpOptions options) throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    try {
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_RCVBUF, options.receiveBufferBytes());
      channel.setOption(StandardSocketOptions.SO_SNDBUF, options.sendBufferBytes());
      if (options.reusePort()) {
        channel.setOption(StandardSocketOptions.SO_REUSEPORT, true);
      }
      Selector selector = Selector.open();
      channel.register(selector, SelectionKey.OP_READ);
      return new NioDatagramIo(channel, selector, bind);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void bind(DatagramChannel channel, InetSocketAddress bind) throws IOException {
    try {
      channel.bind(bind);
    } catch (BindException e) {
      String reason = String.valueOf(e.getMessage());
      BindException named = UdpSockets.bindFailed(bind, reason.contains("in use"), reason);
      named.initCause(e);
      throw named;
    }
  }

  @Override
  public void join() throws IOException {
    bind(channel, bind);
    localAddress = (InetSocketAddress) channel.getLocalAddress();
    joined = true;
  }

  @Override
  public InetSocketAddress localAddress() {
    return localAddress;
  }

  @Override
  public int receive(long timeoutNs) {
    int received = receiveAvailable();
    if (received > 0 || timeoutNs == 0) {
      return received;
    }
    try {
      // A negative timeout waits for ever, which is 0 to select().
      selector.select(timeoutNs < 0 ? 0 : Math.ceilDiv(timeoutNs, 1_000_000L));
      selector.selectedKeys().clear();
    } catch (IOException e) {
      throw new UncheckedIOException("waiting on the UDP socket failed", e);
    }
    return receiveAvailable();
  }

  private int receiveAvailable() {
    if (!joined) {
      return 0; // the channel would bind itself, to any port
    }
    int filled = 0;
    int truncated = 0;
    long bytes = 0;
    // Bounded even when every datagram is too long and none fills a slot.
    for (int attempt = 0; attempt < RECEIVE_SLOTS; attempt++) {
      int start = filled * STRIDE;
      receiveBuffer.limit(start + SLOT_BYTES + 1).position(start);
      SocketAddress sender = receiveOne();
      if (sender == null) {
        break;
      }
      int length = receiveBuffer.position() - start;
      if (length > SLOT_BYTES) {
        truncated++;
        continue;
      }
      rememberSender(sender);
      lengths[filled] = length;
      highs[filled] = lastHigh;
      lows[filled] = lastLow;
      ports[filled] = lastPort;
      bytes += length;
      filled++;
    }
    if (filled > 0 || truncated > 0) {
      counters.received(filled, filled, bytes, truncated);
    }
    return filled;
  }

  private @Nullable SocketAddress receiveOne() {
    try {
      return channel.receive(receiveBuffer);
    } catch (ClosedChannelException e) {
      throw new IllegalStateException("the UDP socket is closed", e);
    } catch (IOException e) {
      // An ICMP error of an earlier send: it concerns one peer, the socket goes on.
      counters.receiveFailed();
      return null;
    }
  }

  /** The channel hands out the same object while the sender stays the same. */
  private void rememberSender(SocketAddress sender) {
    if (sender == lastSender) {
      return;
    }
    InetSocketAddress address = (InetSocketAddress) sender;
    lastSender = sender;
    lastHigh = SocketAddresses.high(address.getAddress());
    lastLow = SocketAddresses.low(address.getAddress());
    lastPort = address.getPort();
    if (LinkLocalScopes.isLinkLocal(lastHigh)
        && address.getAddress() instanceof Inet6Address scoped) {
      scopes.heard(lastLow, scoped.getScopeId());
    }
  }

  @Override
  public MemorySegment receiveMemory() {
    return receiveMemory;
  }

  @Override
  public long offset(int i) {
    return (long) Objects.checkIndex(i, RECEIVE_SLOTS) * STRIDE;
  }

  @Override
  public int length(int i) {
    return lengths[i];
  }

  @Override
  public long addressHigh(int i) {
    return highs[i];
  }

  @Override
  public long addressLow(int i) {
    return lows[i];
  }

  @Override
  public int port(int i) {
    return ports[i];
  }

  @Override
  public void wake() {
    selector.wakeup();
  }

  @Override
  public MemorySegment memory() {
    return sendMemory;
  }

  @Override
  public long claim(long addressHigh, long addressLow, int port, int maxLength) {
    Objects.checkFromToIndex(1, maxLength, SLOT_BYTES);
    if (committed == SEND_SLOTS) {
      flush();
    }
    sendTargets[committed] = peers.of(addressHigh, addressLow, port);
    claimedLength = maxLength;
    return (long) committed * SLOT_BYTES;
  }

  @Override
  public void commit(int length) {
    Objects.checkFromToIndex(0, length, claimedLength);
    claimedLength = -1;
    if (length > 0) {
      sendLengths[committed++] = length;
    }
  }

  @Override
  public void flush() {
    int sent = 0;
    int refused = 0;
    long bytes = 0;
    for (int i = 0; i < committed; i++) {
      int start = i * SLOT_BYTES;
      sendBuffer.limit(start + sendLengths[i]).position(start);
      if (sendOne(sendTargets[i])) {
        sent++;
        bytes += sendLengths[i];
      } else {
        refused++;
      }
    }
    committed = 0;
    if (sent > 0) {
      counters.sent(sent, sent, bytes);
    }
    if (refused > 0) {
      counters.refused(refused);
    }
  }

  private boolean sendOne(@Nullable InetSocketAddress target) {
    try {
      return channel.send(sendBuffer, target) > 0;
    } catch (ClosedChannelException e) {
      throw new IllegalStateException("the UDP socket is closed", e);
    } catch (IOException | IllegalArgumentException e) {
      // No route, an IPv6 peer on an IPv4 socket, a port of 0: one peer's trouble.
      return false;
    }
  }

  @Override
  public IoCounters counters() {
    return counters;
  }

  @Override
  public String udpPath() {
    return "nio";
  }

  @Override
  public void close() {
    if (!channel.isOpen()) {
      return;
    }
    try {
      selector.close();
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing the UDP socket failed", e);
    } finally {
      arena.close();
    }
  }
}
