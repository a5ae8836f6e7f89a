package live.banyan.node;

import ch.qos.logback.classic.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.ClipSource;
import live.banyan.sfu.client.MediaSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code ./banyan publish}: a WHIP publisher without a browser. */
@Command(
    name = "publish",
    header = "Publishes the test broadcast or a file.",
    mixinStandardHelpOptions = true,
    description = {
      "Publishes to a WHIP address, in real time: the bundled test broadcast in a loop, or a file."
          + " Each frame tells when it was captured, so that viewers can measure latency."
    })
final class PublishCommand implements Callable<Integer> {
  private static final Duration LIVE_TIMEOUT = Duration.ofSeconds(15);

  @Parameters(paramLabel = "WHIP_URL", description = "For example http://127.0.0.1:8090/whip/demo")
  private URI whip = URI.create("");

  @Option(
      names = "--token",
      paramLabel = "T",
      description = "Bearer token, where one is asked for.")
  private @Nullable String token;

  @Option(
      names = "--source",
      paramLabel = "FILE.ivf|pattern",
      defaultValue = "pattern",
      description =
          "An IVF file (VP8, VP9, AV1) in a loop, or pattern: the bundled clip. Default: pattern")
  private String source = "pattern";

  @Option(
      names = "--for",
      paramLabel = "SECONDS",
      converter = Durations.class,
      description = "Stop after this time. Default: until Ctrl-C")
  private @Nullable Duration time;

  @Override
  public Integer call() throws Exception {
    Logs.toStandardError(false, Level.WARN);
    if (!source.equals("pattern") && !Files.isReadable(Path.of(source))) {
      System.err.println("banyan: cannot read " + source + "; name an IVF file, or pattern");
      return Main.USAGE;
    }
    MediaSource media =
        source.equals("pattern") ? ClipSource.bundled() : ClipSource.file(Path.of(source));
    try (ClientHost host = ClientHost.open()) {
      return switch (Publisher.open(host, Publisher.Options.of(whip, media).withToken(token))) {
        case Start.Refused<Publisher> refused -> {
          System.err.println("banyan: " + refused.status() + ": " + refused.sentence());
          yield Main.REFUSED;
        }
        case Start.Failed<Publisher> failed -> {
          System.err.println("banyan: " + failed.sentence());
          yield Main.FAILED;
        }
        case Start.Started<Publisher> started -> publish(started.session());
      };
    }
  }

  private int publish(Publisher publisher) throws InterruptedException {
    // SIGTERM and Ctrl-C say good-bye, so that viewers learn at once that the broadcast has ended.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(publisher::close));
    try (publisher) {
      if (!publisher.awaitLive(LIVE_TIMEOUT)) {
        System.err.println("banyan: no media flows: " + ending(publisher));
        return Main.FAILED;
      }
      System.err.println("banyan: live at " + whip + "; Ctrl-C ends the broadcast");
      Duration limit = time == null ? Duration.ofDays(365) : time;
      if (publisher.awaitEnd(limit)) {
        System.err.println("banyan: the session ended: " + ending(publisher));
        return Main.FAILED;
      }
      return 0;
    }
  }

  private static String ending(Publisher publisher) {
    return publisher.ended().getNow("the node does not finish the handshake; is UDP blocked?");
  }
}
