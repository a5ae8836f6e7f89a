package live.banyan.node.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.List;

/**
 * A socket each, one thread and one selector for all, as the clients of {@code sfu.client} have it.
 */
final class FloorViewers extends FloorReceivers {
  private static final int BUFFER_BYTES = 1 << 20;

  private final Selector selector = Selector.open();
  private final List<DatagramChannel> channels = new ArrayList<>();
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(2_048);
  private final MemorySegment memory = MemorySegment.ofBuffer(buffer);
  private final Thread thread;
  private volatile boolean closed;

  FloorViewers(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      DatagramChannel channel = DatagramChannel.open();
      channel.configureBlocking(false);
      channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
      channel.bind(new InetSocketAddress("127.0.0.1", 0));
      channel.register(selector, SelectionKey.OP_READ);
      channels.add(channel);
    }
    thread = Thread.ofPlatform().name("floor-viewers").daemon().start(this::run);
  }

  @Override
  List<Integer> ports() throws IOException {
    List<Integer> ports = new ArrayList<>();
    for (DatagramChannel channel : channels) {
      ports.add(((InetSocketAddress) channel.getLocalAddress()).getPort());
    }
    return ports;
  }

  private void run() {
    try {
      while (!closed) {
        selector.select(
            key -> {
              try {
                receive((DatagramChannel) key.channel());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void receive(DatagramChannel channel) throws IOException {
    while (channel.receive(buffer.clear()) != null) {
      received(memory, 0);
    }
  }

  @Override
  public void close() {
    closed = true;
    selector.wakeup();
    try {
      thread.join();
      for (DatagramChannel channel : channels) {
        channel.close();
      }
      selector.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
