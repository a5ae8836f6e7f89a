package live.banyan.node.bench;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import java.util.concurrent.Callable;
import live.banyan.node.Logs;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./banyan bench e2e}. */
@Command(
    name = "bench",
    header = "Measures whole nodes on this machine.",
    mixinStandardHelpOptions = true,
    subcommands = BenchCommand.EndToEnd.class)
public final class BenchCommand {
  /** From start to ready, joins, failover, crowds: with real processes and real clients. */
  @Command(
      name = "e2e",
      mixinStandardHelpOptions = true,
      description = {
        "Starts nodes on loopback and measures what people notice: start, joins, failover, a crowd of"
            + " 50 viewers, an idle node. Takes about two minutes. Run it on a quiet machine."
      })
  static final class EndToEnd implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Override
    public Integer call() throws Exception {
      Logs.toStandardError(false, Level.ERROR);
      Map<String, @Nullable Object> figures =
          new EndToEndBench(step -> System.err.println("banyan: " + step + " ...")).run();
      if (json) {
        System.out.println(new ObjectMapper().writeValueAsString(figures));
      } else {
        figures.forEach((name, value) -> System.out.printf("%-28s %s%n", name, value));
      }
      return 0;
    }
  }
}
