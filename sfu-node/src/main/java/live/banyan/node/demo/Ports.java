package live.banyan.node.demo;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;

/** The three ports of one demo node: HTTP and UDP share a number, the cluster has the next. */
record Ports(int http, int cluster) {
  /** A port that somebody else has. */
  static final class Taken extends IOException {
    private static final long serialVersionUID = 1L;

    Taken(String what, int port) {
      super(
          what
              + " port "
              + port
              + " is taken: stop what uses it, or choose others with --port P (0 picks free ones)");
    }
  }

  /**
   * Node {@code index} (from 1) of a demo at base port {@code base}; 0 picks free ports.
   *
   * @throws Taken when one is in use
   */
  static Ports of(int base, int index, InetAddress bind) throws IOException {
    if (base == 0) {
      return free(bind);
    }
    Ports ports = new Ports(base + 10 * index, base + 10 * index + 1);
    ports.check(bind);
    return ports;
  }

  private static Ports free(InetAddress bind) throws IOException {
    for (int attempt = 0; attempt < 50; attempt++) {
      int http;
      int cluster;
      try (ServerSocket first = new ServerSocket(0, 1, bind);
          ServerSocket second = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        http = first.getLocalPort();
        cluster = second.getLocalPort();
      }
      try (DatagramSocket udp = new DatagramSocket(new InetSocketAddress(bind, http))) {
        return new Ports(udp.getLocalPort(), cluster);
      } catch (IOException e) {
        // TCP free but UDP taken: try another pair.
      }
    }
    throw new IOException("no free ports found");
  }

  private void check(InetAddress bind) throws IOException {
    try (ServerSocket s = new ServerSocket(http, 1, bind)) {
      s.getLocalPort();
    } catch (IOException e) {
      throw new Taken("HTTP", http);
    }
    try (DatagramSocket s = new DatagramSocket(new InetSocketAddress(bind, http))) {
      s.getLocalPort();
    } catch (IOException e) {
      throw new Taken("UDP", http);
    }
    try (ServerSocket s = new ServerSocket(cluster, 1, InetAddress.getLoopbackAddress())) {
      s.getLocalPort();
    } catch (IOException e) {
      throw new Taken("cluster", cluster);
    }
  }
}
