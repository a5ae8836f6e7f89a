package live.banyan.system;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Somebody on the path between clients and a node: passes on all datagrams, keeps copies of what
 * clients send, and can send from a client's address, as the node sees it.
 */
final class Tap implements AutoCloseable {
  private static final int BUFFER_BYTES = 4 << 20;
  private static final int DATAGRAM_BYTES = 2_048;
  private static final int KEPT_MAX = 50_000;

  private final InetSocketAddress node;
  private final Selector selector = Selector.open();
  private final DatagramChannel front = DatagramChannel.open();
  private final Map<SocketAddress, Flow> flows = new LinkedHashMap<>(); // guarded by itself
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(DATAGRAM_BYTES);
  private final Thread thread;
  private volatile boolean closing;

  /**
   * @param front where clients send to
   * @param node where the node listens
   */
  Tap(InetSocketAddress front, InetSocketAddress node) throws IOException {
    this.node = node;
    prepare(this.front, front);
    this.front.register(selector, SelectionKey.OP_READ);
    thread = Thread.ofPlatform().name("tap").daemon().start(this::run);
  }

  /** One client, as it looks from the node. */
  final class Flow {
    private final SocketAddress client;
    private final DatagramChannel back = DatagramChannel.open();
    private final List<byte[]> sent = new ArrayList<>(); // guarded by itself

    Flow(SocketAddress client) throws IOException {
      this.client = client;
      prepare(back, new InetSocketAddress(node.getAddress(), 0));
      back.connect(node);
      back.register(selector, SelectionKey.OP_READ, this);
    }

    /** What the client has sent so far, oldest first. */
    List<byte[]> sent() {
      synchronized (sent) {
        return List.copyOf(sent);
      }
    }

    /** Sends a datagram to the node as if the client had. */
    void inject(byte[] datagram) throws IOException {
      back.write(ByteBuffer.wrap(datagram));
    }

    private void keep(ByteBuffer datagram) {
      byte[] copy = new byte[datagram.remaining()];
      datagram.duplicate().get(copy);
      synchronized (sent) {
        if (sent.size() < KEPT_MAX) {
          sent.add(copy);
        }
      }
    }
  }

  private static void prepare(DatagramChannel channel, InetSocketAddress local) throws IOException {
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.SO_RCVBUF, BUFFER_BYTES);
    channel.setOption(StandardSocketOptions.SO_SNDBUF, BUFFER_BYTES);
    channel.bind(local);
  }

  /** All clients, in the order in which they came. */
  List<Flow> flows() {
    synchronized (flows) {
      return List.copyOf(flows.values());
    }
  }

  private void run() {
    try {
      while (!closing) {
        selector.select();
        for (SelectionKey key : selector.selectedKeys()) {
          if (key.attachment() instanceof Flow flow) {
            backward(flow);
          } else {
            forward();
          }
        }
        selector.selectedKeys().clear();
      }
    } catch (IOException e) {
      // The node has gone; so will the test.
    }
  }

  private void forward() throws IOException {
    buffer.clear();
    for (SocketAddress from; (from = front.receive(buffer)) != null; buffer.clear()) {
      Flow flow;
      synchronized (flows) {
        flow = flows.get(from);
        if (flow == null) {
          flow = new Flow(from);
          flows.put(from, flow);
        }
      }
      buffer.flip();
      flow.keep(buffer);
      flow.back.write(buffer);
    }
  }

  private void backward(Flow flow) throws IOException {
    buffer.clear();
    while (flow.back.read(buffer) > 0) {
      buffer.flip();
      front.send(buffer, flow.client);
      buffer.clear();
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    closing = true;
    selector.wakeup();
    thread.join();
    for (Flow flow : flows()) {
      flow.back.close();
    }
    front.close();
    selector.close();
  }
}
