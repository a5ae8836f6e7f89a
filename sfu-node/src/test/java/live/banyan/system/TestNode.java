package live.banyan.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A node process, open to everybody and without rate limits. */
final class TestNode implements AutoCloseable {
  private final Program program;
  private final NodeApi api;
  private final int udpPort;
  private final Path data;

  private TestNode(Program program, NodeApi api, int udpPort, Path data) {
    this.program = program;
    this.api = api;
    this.udpPort = udpPort;
    this.data = data;
  }

  /**
   * How to start a node.
   *
   * @param name of its files
   * @param host address of everything it binds
   * @param port HTTP and UDP
   * @param clusterPort 0: no site
   * @param settings more lines of configuration
   * @param prefix a command that executes another, such as {@code ip netns exec NAME}
   */
  record Plan(
      String name,
      Path directory,
      String host,
      int port,
      int clusterPort,
      String site,
      List<String> join,
      List<String> settings,
      List<String> prefix) {
    /** A node of no site on loopback. */
    static Plan alone(String name, Path directory) throws IOException {
      return new Plan(
          name, directory, "127.0.0.1", FreePorts.one(), 0, "", List.of(), List.of(), List.of());
    }

    Plan with(String... lines) {
      return new Plan(name, directory, host, port, clusterPort, site, join, List.of(lines), prefix);
    }
  }

  /** Starts a node without waiting for it. */
  static TestNode start(Plan plan) throws IOException {
    Path config = plan.directory.resolve(plan.name + ".conf");
    List<String> lines =
        new ArrayList<>(List.of("banyan.access = open", "banyan.rate-limit.per-second = 0"));
    lines.addAll(plan.settings);
    Files.write(config, lines);
    String address = plan.host + ":" + plan.port;
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "node",
                "--config=" + config,
                "--http=" + address,
                "--udp=" + address,
                "--data=" + plan.directory.resolve(plan.name)));
    if (plan.clusterPort != 0) {
      arguments.add("--site=" + plan.site);
      arguments.add("--cluster=" + plan.host + ":" + plan.clusterPort);
      arguments.add("--join=" + String.join(",", plan.join));
    }
    return new TestNode(
        Program.start(plan.name, plan.prefix, arguments),
        new NodeApi("http://" + address),
        plan.port,
        plan.directory.resolve(plan.name));
  }

  /** Waits until the node says that it is ready. @return this */
  TestNode awaitReady() throws InterruptedException {
    Eventually.until(
        "a node to be ready, or gone", Program.PATIENCE, () -> !program.alive() || api.ready());
    if (!program.alive()) {
      throw program.failure("ended while starting");
    }
    return this;
  }

  NodeApi api() {
    return api;
  }

  Program program() {
    return program;
  }

  int udpPort() {
    return udpPort;
  }

  /** The node's data directory. */
  Path data() {
    return data;
  }

  boolean alive() {
    return program.alive();
  }

  /** Resident memory in MB (10^6 bytes). */
  double residentMb() throws IOException {
    for (String line :
        Files.readAllLines(Path.of("/proc", Long.toString(program.pid()), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1_024 / 1e6;
      }
    }
    throw new IOException("no VmRSS");
  }

  /** Processor time used so far, all threads. */
  Duration cpu() {
    return ProcessHandle.of(program.pid())
        .flatMap(p -> p.info().totalCpuDuration())
        .orElseThrow(() -> new AssertionError("the node is gone"));
  }

  @Override
  public void close() throws InterruptedException {
    program.close();
  }
}
