package live.banyan.node.demo;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import live.banyan.sfu.client.Publisher;
import org.jspecify.annotations.Nullable;

/**
 * The processes of a demo. Every node but the last accepts one child and carries the broadcast, so
 * that it travels through all of them in order.
 */
final class DemoSite implements AutoCloseable {
  private static final String STREAM = "demo";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final int count;
  private final int basePort;
  private final InetAddress bind;
  private final String host;
  private final boolean lan;
  private final Path scratch;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final List<NodeProcess> nodes = new ArrayList<>();
  private @Nullable Publisher publisher;
  private boolean closed;

  DemoSite(int count, int basePort, boolean lan) throws IOException {
    this.count = count;
    this.basePort = basePort;
    this.lan = lan;
    this.bind = lan ? InetAddress.getByName("0.0.0.0") : InetAddress.getByName("127.0.0.1");
    this.host = lan ? lanAddress().getHostAddress() : "127.0.0.1";
    this.scratch = Files.createTempDirectory("banyan-demo-");
  }

  private static InetAddress lanAddress() throws IOException {
    List<NetworkInterface> interfaces = NetworkInterface.networkInterfaces().toList();
    for (NetworkInterface i : interfaces) {
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
    List<Ports> ports = new ArrayList<>();
    for (int i = 1; i <= count; i++) {
      ports.add(Ports.of(basePort, i, bind));
    }
    // Two demos on one machine must not find each other.
    String siteName = "demo-" + ports.getFirst().http();
    String members =
        ports.stream().map(p -> "127.0.0.1:" + p.cluster()).collect(Collectors.joining(","));
    // One after the other costs little and spares the members a merge: the first is the site.
    for (int i = 1; i <= count; i++) {
      start(i, ports.get(i - 1), siteName, members);
      if (i == 1) {
        awaitReady(1);
      }
    }
    for (int i = 2; i <= count; i++) {
      awaitReady(i);
    }
  }

  private void start(int index, Ports ports, String siteName, String members) throws IOException {
    boolean last = index == count;
    Path config = scratch.resolve("node-" + index + ".conf");
    Files.writeString(
        config,
        """
        # Open to everybody: this is a demonstration on your own machine.
        banyan.access = open
        banyan.rate-limit.per-second = 0
        banyan.carry = [%s]
        """
            .formatted(index > 1 && !last ? STREAM : ""));
    String address = bind.getHostAddress() + ":" + ports.http();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--config=" + config,
                "--http=" + address,
                "--udp=" + address,
                "--site=" + siteName,
                "--cluster=127.0.0.1:" + ports.cluster(),
                "--join=" + members,
                "--data=" + scratch.resolve("node-" + index),
                "--max-children=" + (last ? 8 : 1)));
    if (lan) {
      arguments.add("--announce=" + host);
    }
    nodes.add(
        NodeProcess.start(
            "http://" + host + ":" + ports.http(),
            ports.http(),
            arguments,
            scratch.resolve("node-" + index + ".log")));
  }

  private void awaitReady(int index) throws IOException, InterruptedException {
    if (!nodes.get(index - 1).awaitReady(client, PATIENCE)) {
      Path log = scratch.resolve("node-" + index + ".log");
      throw new IOException("node " + index + " did not start. Its last words:\n" + tail(log));
    }
  }

  private static String tail(Path log) throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size()));
  }

  void startBroadcast() throws IOException, InterruptedException {
    publisher = Publisher.start(Publisher.Options.pattern(URI.create(whipUrl())));
  }

  /** Waits until every node but the last carries the broadcast. */
  void awaitTree() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    int wanted = Math.max(1, count - 1);
    while (System.nanoTime() < deadline) {
      if (carriers() >= wanted) {
        return;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
    }
    throw new IOException(
        "the broadcast did not cross the site within " + PATIENCE.toSeconds() + " s");
  }

  private int carriers() throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        client.send(
            HttpRequest.newBuilder(
                    URI.create(nodes.getLast().http() + "/api/v1/streams/" + STREAM + "/tree"))
                .timeout(Duration.ofSeconds(2))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      return 0;
    }
    JsonNode tree = new ObjectMapper().readTree(response.body());
    return tree.path("nodes").size();
  }

  List<NodeProcess> nodes() {
    return nodes;
  }

  String route() {
    return IntStream.rangeClosed(1, count)
        .mapToObj(i -> "node " + i)
        .collect(Collectors.joining(" -> "));
  }

  String watchUrl() {
    return nodes.getLast().http() + "/watch/" + STREAM;
  }

  String whepUrl() {
    return nodes.getLast().http() + "/whep/" + STREAM;
  }

  String studioUrl() {
    // Browsers give camera and screen to secure contexts only, and loopback is one.
    return "http://127.0.0.1:" + nodes.getFirst().udpPort() + "/studio";
  }

  String whipUrl() {
    return nodes.getFirst().http() + "/whip/" + STREAM;
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    Publisher p = publisher;
    if (p != null) {
      p.close();
    }
    nodes.reversed().forEach(NodeProcess::stop);
    nodes.forEach(NodeProcess::close);
    try (Stream<Path> files = Files.walk(scratch)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
