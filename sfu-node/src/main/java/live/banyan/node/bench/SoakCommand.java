package live.banyan.node.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Memory and tables over a long time. */
@Command(
    name = "soak",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a node on loopback and has viewers join and leave for a long time, each staying 20 s in"
          + " the mean, one in five vanishing without a word, while a second broadcast begins anew with each"
          + " sample. Samples memory and tables. Exits with status 1 when one of them grows after the first"
          + " third of the time, or when something is left after everybody has gone. Linux only."
    })
final class SoakCommand extends BenchCommand.Figures {
  @Option(
      names = "--minutes",
      paramLabel = "M",
      defaultValue = "30",
      description = "How long. Default: ${DEFAULT-VALUE}.")
  private int minutes;

  @Option(
      names = "--viewers",
      paramLabel = "N",
      defaultValue = "40",
      description = "Viewers at a time. Default: ${DEFAULT-VALUE}.")
  private int viewers;

  @Override
  Map<String, @Nullable Object> measure(Consumer<String> progress)
      throws IOException, InterruptedException {
    return new SoakBench(Duration.ofMinutes(minutes), viewers, progress).run();
  }

  @Override
  boolean met(Map<String, @Nullable Object> figures) {
    return Boolean.TRUE.equals(figures.get("flat"));
  }
}
