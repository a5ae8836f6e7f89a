package live.banyan.node.bench;

import ch.qos.logback.classic.Level;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import live.banyan.node.Logs;
import live.banyan.node.Main;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./banyan bench}. */
@Command(
    name = "bench",
    header = "Measures whole nodes on this machine.",
    footer = "%nIn a source tree, ./banyan bench parts measures the media path's parts.",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchCommand.EndToEnd.class,
      BenchCommand.Forward.class,
      BenchCommand.Join.class,
      CrowdCommand.class,
      SoakCommand.class,
      HostileCommand.class,
      FloodCommand.class,
      FloorCommand.class
    })
public final class BenchCommand {
  /** Prints figures, for people or for programs. */
  abstract static class Figures implements Callable<Integer> {
    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    abstract Map<String, @Nullable Object> measure(Consumer<String> progress)
        throws IOException, InterruptedException;

    /** Whether they are what they have to be; the command fails where they are not. */
    boolean met(Map<String, @Nullable Object> figures) {
      return true;
    }

    @Override
    public final Integer call() throws Exception {
      Logs.toStandardError(false, Level.ERROR);
      Map<String, @Nullable Object> figures =
          measure(step -> System.err.println("banyan: " + step + " ..."));
      if (json) {
        System.out.println(new ObjectMapper().writeValueAsString(figures));
      } else {
        figures.forEach((name, value) -> System.out.printf("%-28s %s%n", name, value));
      }
      return met(figures) ? 0 : Main.FAILED;
    }
  }

  /** From start to ready, joins, failover, crowds: with real processes and real clients. */
  @Command(
      name = "e2e",
      mixinStandardHelpOptions = true,
      description = {
        "Starts nodes on loopback and measures what people notice: start, joins, failover, a crowd of"
            + " 50 viewers, an idle node. Takes about two minutes. Run it on a quiet machine."
      })
  static final class EndToEnd extends Figures {
    @Override
    Map<String, @Nullable Object> measure(Consumer<String> progress)
        throws IOException, InterruptedException {
      return new EndToEndBench(progress).run();
    }
  }

  /** CPU per forwarded packet against the least that is possible. */
  @Command(
      name = "forward",
      mixinStandardHelpOptions = true,
      description = {
        "Starts a node on loopback with one broadcast of 1,200-byte packets in frame bursts at 30"
            + " fps and real subscribers, and measures CPU per forwarded packet, latency and memory. In"
            + " turns with it runs the floor: the least program that encrypts and sends the same packets"
            + " through the same calls, with segmentation offload and without. Run it on a quiet machine."
      })
  static final class Forward extends Figures {
    @Option(
        names = "--subs",
        paramLabel = "N",
        defaultValue = "150",
        description = "Subscribers. Default: ${DEFAULT-VALUE}.")
    private int subscribers;

    @Option(
        names = "--shape",
        paramLabel = "SHAPE",
        defaultValue = "broadcast",
        description =
            "broadcast (one to --subs), 8x8 (a conference: eight publish, each to the other"
                + " seven), relay (a node that takes 200 broadcasts from its parent and sends all to"
                + " 3 children). Default: ${DEFAULT-VALUE}.")
    private String shape = "broadcast";

    @Option(
        names = "--pps",
        paramLabel = "N",
        defaultValue = "260",
        description = "Packets a second of each broadcast. Default: ${DEFAULT-VALUE} (2.5 Mbit/s).")
    private int packetsPerSecond;

    @Option(
        names = "--seconds",
        paramLabel = "S",
        defaultValue = "20",
        description = "How long each of the three is measured. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Override
    Map<String, @Nullable Object> measure(Consumer<String> progress)
        throws IOException, InterruptedException {
      return new ForwardBench(load(), seconds, progress).run();
    }

    private ForwardLoad load() {
      return switch (shape) {
        case "broadcast" -> ForwardLoad.broadcast(subscribers, packetsPerSecond);
        case "8x8" -> ForwardLoad.conference(8, packetsPerSecond);
        case "relay" -> ForwardLoad.relay(packetsPerSecond);
        default ->
            throw new CommandLine.ParameterException(
                new CommandLine(this), "--shape is broadcast, 8x8 or relay, not " + shape);
      };
    }
  }

  /** CPU of joins, and what they do to those who are in. */
  @Command(
      name = "join",
      mixinStandardHelpOptions = true,
      description = {
        "Starts a node on loopback with some subscribers of 2.5 Mbit/s, then has a crowd come in: WHEP"
            + " request, ICE, DTLS, keys, and out again. Measures joins per second of the node's CPU, and"
            + " the latency of those who are in, before and meanwhile. Run it on a quiet machine."
      })
  static final class Join extends Figures {
    @Option(
        names = "--subs",
        paramLabel = "N",
        defaultValue = "20",
        description = "Subscribers who are in. Default: ${DEFAULT-VALUE}.")
    private int subscribers;

    @Option(
        names = "--joins",
        paramLabel = "N",
        defaultValue = "1000",
        description = "Joins. Default: ${DEFAULT-VALUE}.")
    private int joins;

    @Option(
        names = "--at-once",
        paramLabel = "N",
        defaultValue = "16",
        description = "Joins under way at a time. Default: ${DEFAULT-VALUE}.")
    private int atOnce;

    @Override
    Map<String, @Nullable Object> measure(Consumer<String> progress)
        throws IOException, InterruptedException {
      return new JoinBench(subscribers, joins, atOnce, progress).run();
    }
  }
}
