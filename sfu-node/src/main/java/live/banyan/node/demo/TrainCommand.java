package live.banyan.node.demo;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.net.URI;
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
  /** Ten seconds on a quiet machine; at load 17 on two cores it was two minutes. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final Duration WATCH = Duration.ofSeconds(2);
  private static final int VIEWERS = 3;

  @Option(
      names = "--cache",
      required = true,
      paramLabel = "FILE",
      description = "The cache to make.")
  private Path cache = Path.of("");

  @Override
  public Integer call() throws Exception {
    Logs.toStandardError(false, Level.WARN);
    try (LocalSite site = new LocalSite(LocalSite.Place.loopback())) {
      site.start(
          List.of(
              LocalSite.Member.of(8),
              new LocalSite.Member(8, List.of(), List.of("-XX:AOTCacheOutput=" + cache))));
      NodeProcess trained = site.nodes().get(1);
      exercise(site.nodes().get(0), trained);
      trained.stop();
      // The cache is written at exit, which takes a while.
      if (!trained.awaitEnd(PATIENCE)) {
        throw new IOException("the node did not end");
      }
    }
    return Files.exists(cache) ? 0 : Main.FAILED;
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
