package live.banyan.node.demo;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import live.banyan.sfu.client.Publisher;
import org.jspecify.annotations.Nullable;

/**
 * A local site with a broadcast. Every node but the last accepts one child and carries the
 * broadcast, so that it travels through all of them in order.
 */
final class DemoSite implements AutoCloseable {
  private static final String STREAM = "demo";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** The last node is nobody's parent in the demo, but its page shows what a node may do. */
  private static final int CHILDREN_OF_THE_LAST = 8;

  private final int count;
  private final LocalSite site;
  private @Nullable Publisher publisher;

  DemoSite(int count, int basePort, boolean lan) throws IOException {
    this.count = count;
    this.site =
        new LocalSite(
            lan
                ? new LocalSite.Place(
                    InetAddress.getByName("0.0.0.0"), lanAddress().getHostAddress(), basePort)
                : new LocalSite.Place(InetAddress.getByName("127.0.0.1"), "127.0.0.1", basePort));
  }

  private static InetAddress lanAddress() throws IOException {
    for (NetworkInterface i : NetworkInterface.networkInterfaces().toList()) {
      if (i.isUp() && !i.isLoopback()) {
        for (InetAddress a : i.inetAddresses().toList()) {
          if (a instanceof Inet4Address && !a.isLinkLocalAddress()) {
            return a;
          }
        }
      }
    }
    throw new IOException("--lan: this machine has no IPv4 address but loopback");
  }

  void startNodes() throws IOException, InterruptedException {
    site.start(
        IntStream.rangeClosed(1, count)
            .mapToObj(
                i -> {
                  if (i == count) {
                    return LocalSite.Member.of(CHILDREN_OF_THE_LAST);
                  }
                  return i == 1 ? LocalSite.Member.of(1) : LocalSite.Member.of(1, STREAM);
                })
            .toList());
  }

  void startBroadcast() throws IOException, InterruptedException {
    publisher = Publisher.start(Publisher.Options.pattern(URI.create(whipUrl())));
  }

  /** Waits until every node but the last carries the broadcast. */
  void awaitTree() throws IOException, InterruptedException {
    if (!site.awaitCarriers(STREAM, Math.max(1, count - 1), PATIENCE)) {
      throw new IOException(
          "the broadcast did not cross the site within " + PATIENCE.toSeconds() + " s");
    }
  }

  List<NodeProcess> nodes() {
    return site.nodes();
  }

  String route() {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> "node " + i)
        .collect(Collectors.joining(" -> "));
  }

  String watchUrl() {
    return nodes().getLast().http() + "/watch/" + STREAM;
  }

  String whepUrl() {
    return nodes().getLast().http() + "/whep/" + STREAM;
  }

  String studioUrl() {
    // Browsers give camera and screen to secure contexts only, and loopback is one.
    return "http://127.0.0.1:" + nodes().getFirst().udpPort() + "/studio";
  }

  String whipUrl() {
    return nodes().getFirst().http() + "/whip/" + STREAM;
  }

  @Override
  public synchronized void close() {
    Publisher p = publisher;
    if (p != null) {
      p.close();
      publisher = null;
    }
    site.close();
  }
}
