package live.banyan.node.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/**
 * Sockets on addresses of the loopback network, each with a port of its own, who take turns; and
 * what each of them has sent and been answered.
 */
final class FloodAddresses implements AutoCloseable {
  /** Of 127.0.0.0/8 there are enough, and each socket is a file: the usual bound is 20,000. */
  static final int MAX = 10_000;

  private final Selector selector = Selector.open();
  private final List<Socket> sockets = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(2_048);
  private int turn;
  private int datagram;

  private static final class Socket {
    final DatagramChannel channel = DatagramChannel.open();
    long sent;
    long sentBytes;
    long answered;
    long answeredBytes;
    boolean amplified;

    Socket() throws IOException {}
  }

  FloodAddresses(int count, InetSocketAddress node) throws IOException {
    for (int i = 0; i < count; i++) {
      // 127.1.0.1 and on: the node itself and its clients are on 127.0.0.1.
      byte[] address = {127, (byte) (1 + i / 60_000), (byte) (i / 250), (byte) (1 + i % 250)};
      Socket socket = new Socket();
      sockets.add(socket);
      socket.channel.configureBlocking(false);
      socket.channel.bind(new InetSocketAddress(InetAddress.getByAddress(address), 0));
      socket.channel.connect(node);
      socket.channel.register(selector, SelectionKey.OP_READ, socket);
    }
  }

  void forget() {
    for (Socket socket : sockets) {
      socket.sent = 0;
      socket.sentBytes = 0;
      socket.answered = 0;
      socket.answeredBytes = 0;
    }
  }

  /** Sends one of these from the address whose turn it is. */
  void sendNext(List<byte[]> datagrams) throws IOException {
    turn = (turn + 1) % sockets.size();
    datagram++;
    byte[] bytes = datagrams.get(datagram % datagrams.size());
    buffer.clear().put(bytes).flip();
    Socket socket = sockets.get(turn);
    if (socket.channel.write(buffer) > 0) {
      socket.sent++;
      socket.sentBytes += bytes.length;
    }
  }

  /** Counts what has come back. */
  void listen() throws IOException {
    selector.selectNow(
        key -> {
          if (key.attachment() instanceof Socket socket) {
            receive(socket);
          }
        });
  }

  private void receive(Socket socket) {
    try {
      buffer.clear();
      for (int length; (length = socket.channel.read(buffer)) > 0; buffer.clear()) {
        socket.answered++;
        socket.answeredBytes += length;
        socket.amplified |= socket.answeredBytes > socket.sentBytes;
      }
    } catch (IOException refused) {
      // The node is not there: so much for that answer.
    }
  }

  Flood.Tally tally(double seconds) {
    long sent = 0;
    long sentBytes = 0;
    long answered = 0;
    long answeredBytes = 0;
    long amplified = 0;
    for (Socket socket : sockets) {
      sent += socket.sent;
      sentBytes += socket.sentBytes;
      answered += socket.answered;
      answeredBytes += socket.answeredBytes;
      amplified += socket.amplified ? 1 : 0;
    }
    return new Flood.Tally(sent, sentBytes, answered, answeredBytes, amplified, seconds);
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.channel.close();
    }
    selector.close();
  }
}
