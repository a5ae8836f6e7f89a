package live.banyan.node.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
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
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Node processes on this machine, joined to one site, open to everybody: for demonstrations,
 * benches and the training of the start-up cache. Their data lies in a scratch directory that goes
 * with them.
 */
public final class LocalSite implements AutoCloseable {
  /** A node needs some 2 s of a core: on a busy machine, that may come late. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private static final long POLL_MS = 50;
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One node of the site.
   *
   * @param carry streams that it takes without viewers
   * @param jvmFlags beside those of this process
   */
  public record Member(int maxChildren, List<String> carry, List<String> jvmFlags) {
    public static Member of(int maxChildren, String... carry) {
      return new Member(maxChildren, List.of(carry), List.of());
    }
  }

  /**
   * Where the nodes stand.
   *
   * @param bind address of HTTP and UDP
   * @param host what URLs and candidates say; a literal address
   * @param basePort node i gets basePort + 10 i; 0 picks free ports
   */
  public record Place(InetAddress bind, String host, int basePort) {
    /** Loopback on free ports. */
    public static Place loopback() {
      return new Place(InetAddress.getLoopbackAddress(), "127.0.0.1", 0);
    }
  }

  private final Place place;
  private final Path scratch;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final List<NodeProcess> nodes = new ArrayList<>();
  private List<String> siteArguments = List.of();
  private boolean closed;

  public LocalSite(Place place) throws IOException {
    this.place = place;
    this.scratch = Files.createTempDirectory("banyan-site-");
  }

  /**
   * Starts the members and waits until all are ready.
   *
   * @throws IOException when a port is taken or a node does not start; says which
   */
  public void start(List<Member> members) throws IOException, InterruptedException {
    List<Ports> ports = Ports.of(place.basePort, members.size(), place.bind);
    String joins =
        ports.stream().map(p -> "127.0.0.1:" + p.cluster()).collect(Collectors.joining(","));
    // Two sites on one machine must not find each other.
    String name = "local-" + ports.getFirst().http();
    siteArguments = List.of("--site=" + name, "--join=" + joins);
    for (int i = 1; i <= members.size(); i++) {
      launch(i, ports.get(i - 1), members.get(i - 1), siteArguments);
      if (i == 1) {
        // The first founds the site; members that start together would have to merge.
        awaitReady(1);
      }
    }
    for (int i = 2; i <= members.size(); i++) {
      awaitReady(i);
    }
  }

  /**
   * Starts one more member of the site and waits until it is ready.
   *
   * @throws IOException as {@link #start}
   */
  public void join(Member member) throws IOException, InterruptedException {
    int index = nodes.size() + 1;
    int base = place.basePort == 0 ? 0 : place.basePort + 10 * (index - 1);
    launch(index, Ports.of(base, 1, place.bind).getFirst(), member, siteArguments);
    awaitReady(index);
  }

  /** Starts one node without a site and waits until it is ready. */
  public void startAlone() throws IOException, InterruptedException {
    startAlone(Member.of(8));
  }

  /** The same with a say in how it runs. */
  public void startAlone(Member member) throws IOException, InterruptedException {
    launch(1, Ports.of(place.basePort, 1, place.bind).getFirst(), member, List.of());
    awaitReady(1);
  }

  private void launch(int index, Ports ports, Member member, List<String> siteArguments)
      throws IOException {
    Path config = scratch.resolve("node-" + index + ".conf");
    Files.writeString(
        config,
        """
        # Open to everybody: this site lives on one machine, for as long as somebody looks at it.
        banyan.access = open
        banyan.rate-limit.per-second = 0
        banyan.carry = [%s]
        """
            .formatted(String.join(",", member.carry)));
    String address = place.bind.getHostAddress() + ":" + ports.http();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--config=" + config,
                "--http=" + address,
                "--udp=" + address,
                "--data=" + scratch.resolve("node-" + index),
                "--max-children=" + member.maxChildren));
    if (!siteArguments.isEmpty()) {
      arguments.addAll(siteArguments);
      arguments.add("--cluster=127.0.0.1:" + ports.cluster());
    }
    if (place.bind.isAnyLocalAddress()) {
      arguments.add("--announce=" + place.host);
    }
    nodes.add(
        NodeProcess.start(
            "http://" + place.host + ":" + ports.http(),
            ports.http(),
            member.jvmFlags,
            arguments,
            log(index)));
  }

  private Path log(int index) {
    return scratch.resolve("node-" + index + ".log");
  }

  private void awaitReady(int index) throws IOException, InterruptedException {
    if (!nodes.get(index - 1).awaitReady(client, PATIENCE)) {
      List<String> lines = Files.readAllLines(log(index));
      throw new IOException(
          "node "
              + index
              + " did not start. Its last words:\n"
              + String.join("\n", lines.subList(Math.max(0, lines.size() - 12), lines.size())));
    }
  }

  /** Waits until the last node knows of so many carriers of a stream; false when time ran out. */
  public boolean awaitCarriers(String stream, int count, Duration patience)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(
                URI.create(nodes.getLast().http() + "/api/v1/streams/" + stream + "/tree"))
            .timeout(Duration.ofSeconds(2))
            .build();
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline) {
      HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() == 200
          && JSON.readTree(response.body()).path("nodes").size() >= count) {
        return true;
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MS);
    }
    return false;
  }

  /** First node first. */
  public List<NodeProcess> nodes() {
    return nodes;
  }

  /** Stops the nodes, last first, and deletes what they left. Idempotent. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
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
