package live.banyan.node.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import live.banyan.node.demo.NodeProcess;

/**
 * Viewers who come and go, in a process that gives way to the node and to those who are timed: the
 * clients of a crowd run on machines of their own, where they take nobody's processor.
 */
final class JoinCrowd implements AutoCloseable {
  /** Added to this process's nice value (man 1 nice). */
  private static final int GIVES_WAY = 15;

  private final Process process;
  private final Writer orders;
  private final BufferedReader answers;

  JoinCrowd(URI whep, int atOnce) throws IOException {
    List<String> command = new ArrayList<>(List.of("nice", "-n", Integer.toString(GIVES_WAY)));
    command.addAll(NodeProcess.javaCommand());
    command.addAll(List.of("bench", "crowd", "--whep=" + whep, "--at-once=" + atOnce));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    orders = process.outputWriter(StandardCharsets.US_ASCII);
    answers = process.inputReader(StandardCharsets.US_ASCII);
  }

  /** Has so many join and leave. @return how many got in */
  int join(int joins) throws IOException {
    orders.write(joins + "\n");
    orders.flush();
    String done = answers.readLine();
    if (done == null) {
      throw new IOException("the crowd's process has ended");
    }
    return Integer.parseInt(done);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
