package live.banyan.system;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;

/** A socket of somebody whom the node does not know. */
final class Stranger implements AutoCloseable {
  private static final int DATAGRAM_BYTES = 2_048;

  private final InetSocketAddress node;
  private final DatagramChannel channel = DatagramChannel.open();
  private final ByteBuffer buffer = ByteBuffer.allocate(DATAGRAM_BYTES);

  Stranger(InetSocketAddress node) throws IOException {
    this.node = node;
    channel.configureBlocking(false);
    channel.bind(new InetSocketAddress(node.getAddress(), 0));
  }

  void send(byte[] datagram) throws IOException {
    channel.send(ByteBuffer.wrap(datagram), node);
  }

  /** What came since the last call, oldest first. */
  List<byte[]> answers() throws IOException {
    List<byte[]> answers = new ArrayList<>();
    buffer.clear();
    while (channel.receive(buffer) != null) {
      byte[] answer = new byte[buffer.flip().remaining()];
      buffer.get(answer);
      answers.add(answer);
      buffer.clear();
    }
    return answers;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
