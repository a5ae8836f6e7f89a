package live.banyan.node;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Optional;
import java.util.concurrent.Callable;
import live.banyan.mesh.sim.Scenario;
import live.banyan.mesh.sim.SimResult;
import live.banyan.mesh.sim.SimSettings;
import live.banyan.mesh.sim.Simulation;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./banyan sim}: the relay tree at a size that no machine has. */
@Command(
    name = "sim",
    header = "Runs the relay tree with thousands of nodes on virtual time.",
    mixinStandardHelpOptions = true,
    description = {
      "Runs the relay tree of this program, the same code, with many nodes in one process: latencies,"
          + " loss, jitter, narrow uplinks and failures are simulated, and time is virtual. The same seed"
          + " gives the same result, byte for byte.",
      "",
      "Progress goes to standard error, the result to standard output. Exits with status 1 when"
          + " something happened that must never happen; the seed that it prints replays it."
    },
    footer = {
      "",
      "Examples:",
      "  ./banyan sim --scenario kill-parent             what viewers notice of a dead relay",
      "  ./banyan sim --nodes 200 --scenario flash-crowd --json",
      "  ./banyan sim --seed 7 --scenario kill-10-percent",
      "",
      "What the figures mean, and what is simulated how: docs/simulation.md"
    })
final class SimCommand implements Callable<Integer> {
  /** What {@code --scenario} takes. */
  static final class Labels implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Arrays.stream(Scenario.values()).map(Scenario::label).iterator();
    }
  }

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Nodes that watch. Default: ${DEFAULT-VALUE}")
  private int nodes;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "120",
      description = "Virtual time. Default: ${DEFAULT-VALUE}")
  private int seconds;

  @Option(
      names = "--seed",
      paramLabel = "X",
      defaultValue = "1",
      description = "What chance begins with. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--scenario",
      paramLabel = "NAME",
      defaultValue = "steady",
      completionCandidates = Labels.class,
      description = "One of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private String scenario = "steady";

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    Optional<Scenario> named = Scenario.of(scenario);
    if (named.isEmpty()) {
      System.err.println(
          "banyan: no scenario " + scenario + "; there are " + String.join(", ", new Labels()));
      return Main.USAGE;
    }
    SimSettings settings;
    try {
      settings = new SimSettings(nodes, seconds, seed, named.get());
    } catch (IllegalArgumentException e) {
      System.err.println("banyan: " + e.getMessage());
      return Main.USAGE;
    }
    System.err.println("banyan: " + named.get().sentence());
    SimResult result = Simulation.run(settings, line -> System.err.println("banyan: " + line));
    System.err.printf(
        "banyan: %d joins, %d refused at first, %d interruptions, the longest %.0f ms%n",
        result.joins(), result.joinsRefused(), result.interruptions(), result.interruptionMsMax());
    if (json) {
      System.out.println(new ObjectMapper().writeValueAsString(result.figures()));
    } else {
      result.figures().forEach((name, value) -> System.out.printf("%-30s %s%n", name, value));
    }
    if (result.invariantViolations() > 0) {
      result.complaints().forEach(line -> System.err.println("banyan: " + line));
      System.err.println("banyan: " + result.invariantViolations() + " times; seed " + seed);
      return Main.FAILED;
    }
    return 0;
  }
}
