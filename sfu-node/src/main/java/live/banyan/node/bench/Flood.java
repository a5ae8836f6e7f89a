package live.banyan.node.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import live.banyan.node.demo.NodeProcess;

/**
 * Strangers who flood a node, in a process that gives way to the node and to those who are timed: a
 * flood comes from machines of its own.
 */
final class Flood implements AutoCloseable {
  /** Added to this process's nice value (man 1 nice). */
  private static final int GIVES_WAY = 10;

  private final Process process;
  private final Writer orders;
  private final BufferedReader answers;

  /**
   * What is sent.
   *
   * @param checks forged connectivity checks a second
   * @param hellos DTLS ClientHellos a second
   * @param addresses that they come from
   */
  record Rate(int checks, int hellos, int addresses) {}

  /**
   * What was sent, and what came back.
   *
   * @param amplified addresses that were answered with more bytes than they had sent
   */
  record Tally(
      long sent,
      long sentBytes,
      long answered,
      long answeredBytes,
      long amplified,
      double seconds) {}

  /**
   * Starts the process.
   *
   * @param iceUsername of a session that is there, whose password the strangers do not have
   */
  Flood(NodeProcess node, Rate rate, String iceUsername) throws IOException {
    List<String> command = new ArrayList<>(List.of("nice", "-n", Integer.toString(GIVES_WAY)));
    command.addAll(NodeProcess.javaCommand());
    command.addAll(
        List.of(
            "bench",
            "flood",
            "--port=" + node.udpPort(),
            "--checks=" + rate.checks(),
            "--hellos=" + rate.hellos(),
            "--addresses=" + rate.addresses(),
            "--username=" + iceUsername));
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    orders = process.outputWriter(StandardCharsets.US_ASCII);
    answers = process.inputReader(StandardCharsets.US_ASCII);
  }

  /** Lets it come for so long. */
  Tally pour(int seconds) throws IOException {
    orders.write(seconds + "\n");
    orders.flush();
    String done = answers.readLine();
    if (done == null) {
      throw new IOException("the flood's process has ended");
    }
    return new ObjectMapper().readValue(done, Tally.class);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
