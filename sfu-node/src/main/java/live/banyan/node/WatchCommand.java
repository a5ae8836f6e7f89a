package live.banyan.node;

import ch.qos.logback.classic.Level;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import live.banyan.sfu.client.WatchReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./banyan watch}: a WHEP viewer that counts what it sees. */
@Command(
    name = "watch",
    header = "Watches a stream and says how it went.",
    mixinStandardHelpOptions = true,
    description = {
      "Watches a WHEP address without showing it, and says how it went: joining, loss, broken frames,"
          + " gaps and latency. Exit status: 0 media came, 1 none did, 3 refused."
    })
final class WatchCommand implements Callable<Integer> {
  private static final Duration REPORT_MAX = Duration.ofSeconds(3);

  @Parameters(paramLabel = "WHEP_URL", description = "For example http://127.0.0.1:8110/whep/demo")
  private URI whep = URI.create("");

  @Option(
      names = "--token",
      paramLabel = "T",
      description = "Bearer token, where one is asked for.")
  private @Nullable String token;

  @Option(
      names = "--for",
      paramLabel = "SECONDS",
      defaultValue = "10",
      converter = Durations.class,
      description = "How long to watch; Ctrl-C reports earlier. Default: 10")
  private Duration time = Duration.ofSeconds(10);

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Logs.toStandardError(false, Level.WARN);
    if (!json) {
      System.err.println("banyan: watching for " + time.toSeconds() + " s ...");
    }
    CompletableFuture<Void> enough = new CompletableFuture<>();
    CountDownLatch reported = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(Thread.ofPlatform().unstarted(() -> awaitReport(enough, reported)));
    try {
      return watch(enough);
    } finally {
      reported.countDown();
    }
  }

  /** SIGTERM and Ctrl-C: what was seen until now is worth a report, and the node a good-bye. */
  private static void awaitReport(CompletableFuture<Void> enough, CountDownLatch reported) {
    enough.complete(null);
    try {
      if (!reported.await(REPORT_MAX.toMillis(), TimeUnit.MILLISECONDS)) {
        System.err.println("banyan: no report: the node does not answer");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private int watch(CompletableFuture<Void> enough) throws IOException, InterruptedException {
    return switch (Viewer.watch(Viewer.Options.of(whep).withToken(token), time, enough)) {
      case Start.Refused<WatchReport> refused -> {
        System.err.println("banyan: " + refused.status() + ": " + refused.sentence());
        yield Main.REFUSED;
      }
      case Start.Failed<WatchReport> failed -> {
        System.err.println("banyan: " + failed.sentence());
        yield Main.FAILED;
      }
      case Start.Started<WatchReport> started -> {
        WatchReport report = started.session();
        System.out.println(json ? report.json() : words(report));
        yield report.firstMediaMs() == null ? Main.FAILED : 0;
      }
    };
  }

  private static String words(WatchReport r) {
    return """
        first media    %s
        first picture  %s
        packets        %d, %d lost
        frames         %d, %d broken
        longest gap    %s
        latency        median %s, 99th percentile %s"""
        .formatted(
            ms(r.firstMediaMs()),
            ms(r.firstFrameMs()),
            r.packets(),
            r.lost(),
            r.frames(),
            r.framesBroken(),
            ms(r.longestGapMs()),
            ms(r.latencyMsP50()),
            ms(r.latencyMsP99()));
  }

  private static String ms(@Nullable Double value) {
    return value == null ? "-" : String.format(java.util.Locale.ROOT, "%.1f ms", value);
  }
}
