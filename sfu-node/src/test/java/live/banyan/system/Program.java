package live.banyan.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * One run of {@code ./banyan} as a user types it, without the build: the launcher replaces itself
 * by the JVM, so the process is the program. A node ends with its standard input, a pipe from here;
 * everything else at the latest with this JVM.
 */
final class Program implements AutoCloseable {
  /** For what is not measured; other tests, and other people, may keep the machine busy. */
  static final Duration PATIENCE = Duration.ofSeconds(180);

  private static final Path ROOT = Path.of(System.getProperty("banyan.root", ".."));
  private static final Path LOGS = Path.of("target", "system").toAbsolutePath();
  private static final int LINES_MAX = 10_000;
  private static final AtomicInteger RUNS = new AtomicInteger();
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String name;
  private final Process process;
  private final Path errors;
  private final Thread reader;
  private final Thread last;
  private final List<String> lines = new ArrayList<>(); // guarded by itself

  private Program(String name, Process process, Path errors) {
    this.name = name;
    this.process = process;
    this.errors = errors;
    // A pipe's read blocks the carrier of a virtual thread, and there are few carriers.
    this.reader = Thread.ofPlatform().daemon().start(this::read);
    // Nodes end with their standard input anyway; this is for demos and clients.
    this.last = Thread.ofPlatform().unstarted(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(last);
  }

  /** Starts {@code ./banyan ARGUMENTS}. */
  static Program start(String... arguments) throws IOException {
    return start(arguments[0], List.of(), List.of(arguments));
  }

  /**
   * Starts {@code PREFIX ./banyan ARGUMENTS}.
   *
   * @param name of the log file in {@code target/system}
   * @param prefix a command that executes another, such as {@code ip netns exec NAME}
   */
  static Program start(String name, List<String> prefix, List<String> arguments)
      throws IOException {
    if (!Files.exists(ROOT.resolve("sfu-node/target/dist/banyan.jar"))) {
      throw new AssertionError("nothing to test: run ./banyan build first, or ./banyan test");
    }
    Files.createDirectories(LOGS);
    Path errors = LOGS.resolve(RUNS.incrementAndGet() + "-" + name + ".err");
    List<String> command = new ArrayList<>(prefix);
    // A shell in the background lets its children ignore Ctrl-C; whoever types it does not.
    command.addAll(List.of("env", "--default-signal=INT", ROOT.resolve("banyan").toString()));
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("BANYAN_BUILD", "off");
    environment.put("BANYAN_JVM_ARGS", "-Dbanyan.stop-with-stdin=true");
    return new Program(name, builder.start(), errors);
  }

  /** Makes a token: {@code ./banyan token WHAT STREAM --data=DATA MORE}. */
  static String token(Path data, String what, String stream, String... more)
      throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>(List.of("token", what, stream, "--data=" + data));
    arguments.addAll(List.of(more));
    try (Program token = start(arguments.toArray(String[]::new))) {
      if (token.awaitExit() != 0 || token.lines().size() != 1) {
        throw token.failure("does not print the token and nothing else");
      }
      return token.lines().getFirst();
    }
  }

  private void read() {
    try (BufferedReader output = process.inputReader()) {
      for (String line; (line = output.readLine()) != null; ) {
        synchronized (lines) {
          if (lines.size() < LINES_MAX) {
            lines.add(line);
          }
        }
      }
    } catch (IOException e) {
      // The process is gone; what it said before is there.
    }
  }

  long pid() {
    return process.pid();
  }

  boolean alive() {
    return process.isAlive();
  }

  /** Standard output so far. */
  List<String> lines() {
    synchronized (lines) {
      return List.copyOf(lines);
    }
  }

  /** Standard error so far. */
  String errors() throws IOException {
    return Files.readString(errors);
  }

  /** The first line of standard output like this; fails when the program ends without it. */
  String awaitLine(String what, Predicate<String> wanted) throws InterruptedException, IOException {
    try {
      Eventually.until(
          what, PATIENCE, () -> lines().stream().anyMatch(wanted) || !process.isAlive());
    } catch (AssertionError e) {
      throw failure(String.valueOf(e.getMessage()));
    }
    if (!process.isAlive()) {
      reader.join(5_000);
    }
    Optional<String> line = lines().stream().filter(wanted).findFirst();
    return line.orElseThrow(() -> failure("ended without " + what));
  }

  /** Waits for the end. @return the exit status */
  int awaitExit(Duration patience) throws InterruptedException {
    if (!process.waitFor(patience.toNanos(), TimeUnit.NANOSECONDS)) {
      throw failure("does not end within " + patience.toSeconds() + " s");
    }
    reader.join(5_000);
    return process.exitValue();
  }

  /** Waits for the end with all patience. @return the exit status */
  int awaitExit() throws InterruptedException {
    return awaitExit(PATIENCE);
  }

  /** Waits for the end; the whole of standard output as JSON. */
  JsonNode awaitJson() throws InterruptedException, IOException {
    int status = awaitExit();
    if (status != 0) {
      throw failure("exit status " + status);
    }
    return JSON.readTree(String.join("\n", lines()));
  }

  /** Ctrl-C. */
  void interrupt() throws IOException, InterruptedException {
    signal("INT", process.pid());
  }

  /** SIGTERM. */
  void terminate() {
    process.destroy();
  }

  /** SIGKILL. */
  void kill() {
    process.destroyForcibly();
  }

  static void signal(String signal, long pid) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor();
  }

  AssertionError failure(String why) {
    String said;
    try {
      List<String> all = Files.readAllLines(errors);
      said = String.join("\n", all.subList(Math.max(0, all.size() - 30), all.size()));
    } catch (IOException e) {
      said = e.toString();
    }
    return new AssertionError(
        name + " " + why + "\n--- " + errors + "\n" + said + "\n--- standard output\n" + lines());
  }

  /** Ends the program at once if it still runs. */
  @Override
  public void close() throws InterruptedException {
    if (process.isAlive()) {
      process.destroyForcibly();
      process.waitFor(10, TimeUnit.SECONDS);
    }
    reader.join(5_000);
    try {
      Runtime.getRuntime().removeShutdownHook(last);
    } catch (IllegalStateException e) {
      // The tests are being ended, and the hook runs.
    }
  }
}
