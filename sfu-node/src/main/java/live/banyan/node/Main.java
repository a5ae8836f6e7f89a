package live.banyan.node;

import java.util.Objects;
import live.banyan.node.bench.BenchCommand;
import live.banyan.node.demo.DemoCommand;
import live.banyan.node.demo.TrainCommand;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point: {@code ./banyan COMMAND}. */
@Command(
    name = "banyan",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Live video that its own audience carries.",
      "",
      "Start with @|bold ./banyan demo|@: three nodes on this machine and a broadcast to watch.",
      "Then @|bold ./banyan node|@ runs a node of your own."
    },
    footer = {
      "",
      "Also: @|bold ./banyan test|@ runs all tests, @|bold ./banyan build|@ only builds.",
      "Exit status: 0 done or told to stop, 1 failed or no media, 2 usage, 3 refused."
    },
    subcommands = {
      NodeCommand.class,
      TokenCommand.class,
      PublishCommand.class,
      WatchCommand.class,
      BlockCommand.class,
      DemoCommand.class,
      BenchCommand.class,
      SimCommand.class,
      TrainCommand.class,
      CommandLine.HelpCommand.class
    })
public final class Main implements Runnable {
  /** Nothing was received, or something failed. */
  public static final int FAILED = 1;

  /** The command line or the configuration makes no sense. */
  public static final int USAGE = 2;

  /** A server refused. */
  public static final int REFUSED = 3;

  @CommandLine.Spec private CommandLine.Model.@Nullable CommandSpec spec;

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    Signals.endWithZero();
    System.exit(commandLine().execute(args));
  }

  static CommandLine commandLine() {
    return new CommandLine(new Main())
        .setExecutionExceptionHandler(
            (e, command, parsed) -> {
              if (e instanceof NodeConfig.Broken) {
                command.getErr().println("banyan: " + e.getMessage());
                return USAGE;
              }
              String message = e.getMessage();
              command.getErr().println("banyan: " + (message == null ? e.toString() : message));
              if (System.getenv("BANYAN_DEBUG") != null) {
                e.printStackTrace(command.getErr());
              }
              return FAILED;
            });
  }

  @Override
  public void run() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    line.usage(line.getErr());
    throw new CommandLine.ParameterException(line, "Name a command.");
  }
}
