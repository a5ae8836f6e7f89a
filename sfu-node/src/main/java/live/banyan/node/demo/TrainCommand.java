package live.banyan.node.demo;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import live.banyan.node.Logs;
import live.banyan.node.Main;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import live.banyan.sfu.client.WatchReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code train}: makes the JVM's ahead-of-time cache (JEP 483, 514, 515). A node of a site takes a
 * broadcast from another and shows it to viewers while the JVM writes down which classes it loads
 * and which methods are hot; part of the build, see docs/adr/0003.
 */
@Command(
    name = "train",
    hidden = true,
    mixinStandardHelpOptions = true,
    description = "Makes the start-up cache; the build calls this.")
public final class TrainCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration WATCH = Duration.ofSeconds(2);
  private static final int VIEWERS = 3;

  @Option(
      names = "--cache",
      required = true,
      paramLabel = "FILE",
      description = "The cache to make.")
  private Path cache = Path.of("");

  @Option(
      names = "--scratch",
      required = true,
      paramLabel = "DIR",
      description = "For the nodes' data.")
  private Path scratch = Path.of("");

  @Override
  public Integer call() throws Exception {
    Logs.toStandardError(false, Level.WARN);
    InetAddress loopback = InetAddress.getByName("127.0.0.1");
    Ports root = Ports.of(0, 1, loopback);
    Ports trained = Ports.of(0, 2, loopback);
    HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    NodeProcess second = null;
    try (NodeProcess first = node("root", root, root, List.of())) {
      require(first, client, "root");
      second = node("trained", trained, root, List.of("-XX:AOTCacheOutput=" + cache));
      require(second, client, "trained");
      exercise(first, second);
      second.stop();
      // Writing the cache happens at exit and takes a while.
      if (!second.awaitEnd(PATIENCE)) {
        throw new IOException("the node did not end");
      }
    } finally {
      if (second != null) {
        second.close();
      }
    }
    return Files.exists(cache) ? 0 : Main.FAILED;
  }

  private NodeProcess node(String name, Ports ports, Ports root, List<String> jvmFlags)
      throws IOException {
    Path config = scratch.resolve(name + ".conf");
    Files.writeString(config, "banyan.access = open\nbanyan.rate-limit.per-second = 0\n");
    String address = "127.0.0.1:" + ports.http();
    return NodeProcess.start(
        "http://" + address,
        ports.http(),
        jvmFlags,
        List.of(
            "--config=" + config,
            "--http=" + address,
            "--udp=" + address,
            "--site=train-" + root.http(),
            "--cluster=127.0.0.1:" + ports.cluster(),
            "--join=127.0.0.1:" + root.cluster(),
            "--data=" + scratch.resolve(name)),
        scratch.resolve(name + ".log"));
  }

  private void require(NodeProcess node, HttpClient client, String name)
      throws IOException, InterruptedException {
    if (!node.awaitReady(client, PATIENCE)) {
      throw new IOException(
          "node " + name + " did not start:\n" + Files.readString(scratch.resolve(name + ".log")));
    }
  }

  /** Media in both directions, so that ingest, relay and viewing are all in the cache. */
  private void exercise(NodeProcess first, NodeProcess second)
      throws IOException, InterruptedException {
    try (Publisher away = publisher(first, "away");
        Publisher here = publisher(second, "here")) {
      for (int i = 0; i < VIEWERS; i++) {
        watch(second, "away");
        watch(second, "here");
      }
      watch(first, "here");
    }
  }

  private static Publisher publisher(NodeProcess node, String stream)
      throws IOException, InterruptedException {
    return Publisher.start(Publisher.Options.pattern(URI.create(node.http() + "/whip/" + stream)));
  }

  private static void watch(NodeProcess node, String stream)
      throws IOException, InterruptedException {
    Viewer.Options options = Viewer.Options.of(URI.create(node.http() + "/whep/" + stream));
    @Nullable WatchReport report =
        Viewer.watch(options, WATCH) instanceof Start.Started<WatchReport> s ? s.session() : null;
    if (report == null || report.firstFrameMs() == null) {
      System.err.println("banyan: stream " + stream + " showed no picture while training");
    }
  }
}
