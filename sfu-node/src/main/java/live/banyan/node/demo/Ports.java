package live.banyan.node.demo;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** The three ports of one demo node: HTTP and UDP share a number, the cluster has the next. */
record Ports(int http, int cluster) {
  /**
   * Where free ports are looked for: below those that systems lend to outgoing connections (from
   * 32,768 on Linux, 49,152 elsewhere), or one would be lent away before the node opens it.
   */
  private static final int FREE_FROM = 20_000;

  private static final int FREE_TO = 32_000;

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
   * The ports of {@code count} nodes: node i, from 1, has those from {@code base} + 10 i on.
   *
   * @param base 0 looks for one whose ports are all free
   * @throws Taken when one is in use
   */
  static List<Ports> of(int base, int count, InetAddress bind) throws IOException {
    if (base != 0) {
      return at(base, count, bind);
    }
    SplittableRandom random = new SplittableRandom();
    for (int attempt = 0; attempt < 50; attempt++) {
      try {
        return at(random.nextInt(FREE_FROM, FREE_TO - 10 * count), count, bind);
      } catch (Taken e) {
        // Another may be free.
      }
    }
    throw new IOException("no free ports found");
  }

  private static List<Ports> at(int base, int count, InetAddress bind) throws IOException {
    List<Ports> all = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      Ports ports = new Ports(base + 10 * i, base + 10 * i + 1);
      ports.check(bind);
      all.add(ports);
    }
    return all;
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
