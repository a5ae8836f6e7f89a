package live.banyan.node.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.io.DatagramIo;
import live.banyan.sfu.io.UdpSockets;

/** A socket and a thread each, which receive as a node does: in batches, and coalesced. */
final class FloorChildren extends FloorReceivers {
  private final List<DatagramIo> sockets = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean closed;

  FloorChildren(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      DatagramIo socket =
          UdpSockets.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      sockets.add(socket);
      threads.add(
          Thread.ofPlatform().name("floor-child-" + i).daemon().start(() -> receive(socket)));
    }
  }

  @Override
  List<Integer> ports() {
    return sockets.stream().map(socket -> socket.localAddress().getPort()).toList();
  }

  private void receive(DatagramIo socket) {
    while (!closed) {
      int count = socket.receive(-1);
      for (int i = 0; i < count; i++) {
        received(socket.receiveMemory(), socket.offset(i));
      }
    }
    socket.close();
  }

  @Override
  public void close() {
    closed = true;
    sockets.forEach(DatagramIo::wake);
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
