package live.banyan.sfu.relay;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.util.concurrent.CountDownLatch;
import java.util.function.BiConsumer;
import org.ice4j.socket.IceSocketWrapper;
import org.jspecify.annotations.Nullable;

/**
 * What ice4j takes for a socket: sending goes to the shard, receiving never returns because
 * datagrams are injected into the STUN stack instead. ice4j parks one thread per socket in {@link
 * #receive} until {@link #close}, which is why an agent is freed as soon as its link is up.
 */
final class InjectedSocket extends IceSocketWrapper {
  private final InetSocketAddress local;
  private final BiConsumer<byte[], InetSocketAddress> output;
  private final DatagramSocket stand;
  private final CountDownLatch closed = new CountDownLatch(1);

  /**
   * @param stand a socket that is never used: ice4j tells UDP from TCP by its presence
   */
  InjectedSocket(
      InetSocketAddress local, BiConsumer<byte[], InetSocketAddress> output, DatagramSocket stand) {
    this.local = local;
    this.output = output;
    this.stand = stand;
  }

  @Override
  public void send(DatagramPacket packet) throws IOException {
    byte[] datagram = new byte[packet.getLength()];
    System.arraycopy(packet.getData(), packet.getOffset(), datagram, 0, datagram.length);
    output.accept(datagram, (InetSocketAddress) packet.getSocketAddress());
  }

  @Override
  public void receive(DatagramPacket packet) throws IOException {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new SocketException("closed");
  }

  @Override
  public void close() {
    closed.countDown();
  }

  @Override
  public InetAddress getLocalAddress() {
    return local.getAddress();
  }

  @Override
  public int getLocalPort() {
    return local.getPort();
  }

  @Override
  public SocketAddress getLocalSocketAddress() {
    return local;
  }

  @Override
  public @Nullable Socket getTCPSocket() {
    return null;
  }

  @Override
  public DatagramSocket getUDPSocket() {
    return stand;
  }

  /** An unbound socket that says what ice4j wants to know; ice4j must not close it. */
  static final class Stand extends DatagramSocket {
    Stand() throws SocketException {
      super((SocketAddress) null);
    }

    @Override
    public int getReceiveBufferSize() {
      return 1500;
    }

    @Override
    public void close() {
      // Shared by all agents; release() closes.
    }

    void release() {
      super.close();
    }
  }
}
