package live.banyan.node.demo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A node in a process of its own, started with this JVM's flags. Its standard input is a pipe from
 * here: when this process dies, however it dies, the node reads the end of it and stops.
 */
public final class NodeProcess implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);

  private final Process process;
  private final String http;
  private final int udpPort;

  private NodeProcess(Process process, String http, int udpPort) {
    this.process = process;
    this.http = http;
    this.udpPort = udpPort;
  }

  /**
   * Starts {@code banyan node}.
   *
   * @param http base URL that the node will answer under
   * @param arguments of the node command
   * @param log file for its standard error and output
   */
  public static NodeProcess start(String http, int udpPort, List<String> arguments, Path log)
      throws IOException {
    return start(http, udpPort, List.of(), arguments, log);
  }

  /** The same with further flags for the JVM. */
  public static NodeProcess start(
      String http, int udpPort, List<String> jvmFlags, List<String> arguments, Path log)
      throws IOException {
    List<String> command = new ArrayList<>(javaCommand());
    command.addAll(1, jvmFlags);
    command.add("node");
    command.addAll(arguments);
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    return new NodeProcess(process, http, udpPort);
  }

  /** The command line that runs this program again: same JVM, flags and class path. */
  public static List<String> javaCommand() {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Dbanyan.stop-with-stdin=true");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("live.banyan.node.Main");
    return command;
  }

  public String http() {
    return http;
  }

  public int udpPort() {
    return udpPort;
  }

  public long pid() {
    return process.pid();
  }

  public boolean alive() {
    return process.isAlive();
  }

  /** Waits until the node says that it is ready; false when it died or time ran out. */
  public boolean awaitReady(HttpClient client, Duration patience) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(http + "/health/ready"))
            .timeout(Duration.ofSeconds(2))
            .build();
    long deadline = System.nanoTime() + patience.toNanos();
    while (System.nanoTime() < deadline && process.isAlive()) {
      try {
        if (client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
          return true;
        }
      } catch (IOException e) {
        // Not listening yet: that is what is being waited for.
      }
      process.waitFor(POLL.toMillis(), TimeUnit.MILLISECONDS);
    }
    return false;
  }

  /** Asks the node to stop (SIGTERM), without waiting. */
  public void stop() {
    process.destroy();
  }

  /** Ends the node as a crash would (SIGKILL), without waiting. */
  public void kill() {
    process.destroyForcibly();
  }

  /** Waits until the node has ended; false when time ran out. */
  public boolean awaitEnd(Duration patience) throws InterruptedException {
    return process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Stops the node, by force when it takes longer than three seconds. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(3, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
