package live.banyan.node.bench;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What strangers who flood the media port do to those who are in. */
@Command(
    name = "hostile",
    mixinStandardHelpOptions = true,
    description = {
      "Starts a node on loopback with a broadcast of 2.5 Mbit/s to real subscribers, has viewers join"
          + " one after the other, and floods the media port with forged connectivity checks and DTLS"
          + " ClientHellos from many loopback addresses. Measures loss, latency, joins, CPU and memory"
          + " without and with the flood, and what it is answered. Exits with status 1 where somebody is"
          + " harmed. Linux only. Run it on a quiet machine."
    })
final class HostileCommand extends BenchCommand.Figures {
  @Option(
      names = "--subs",
      paramLabel = "N",
      defaultValue = "50",
      description = "Subscribers who are in. Default: ${DEFAULT-VALUE}.")
  private int subscribers;

  @Option(
      names = "--checks",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Forged connectivity checks a second. Default: ${DEFAULT-VALUE}.")
  private int checks;

  @Option(
      names = "--hellos",
      paramLabel = "N",
      defaultValue = "2000",
      description = "ClientHellos a second. Default: ${DEFAULT-VALUE}.")
  private int hellos;

  @Option(
      names = "--addresses",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Addresses that they come from, 10000 at most. Default: ${DEFAULT-VALUE}.")
  private int addresses;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "20",
      description = "How long each of the two is measured. Default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Override
  Map<String, @Nullable Object> measure(Consumer<String> progress)
      throws IOException, InterruptedException {
    if (addresses < 1 || addresses > FloodAddresses.MAX || seconds < 1) {
      throw new CommandLine.ParameterException(
          new CommandLine(this),
          "--addresses is 1 to " + FloodAddresses.MAX + ", --seconds at least 1");
    }
    Flood.Rate rate = new Flood.Rate(checks, hellos, addresses);
    return new HostileBench(subscribers, rate, seconds, progress).run();
  }

  @Override
  boolean met(Map<String, @Nullable Object> figures) {
    return Boolean.TRUE.equals(figures.get("unharmed"));
  }
}
