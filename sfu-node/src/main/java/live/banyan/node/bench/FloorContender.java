package live.banyan.node.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import live.banyan.node.demo.NodeProcess;

/** The floor in a process of its own, under the node's flags. */
final class FloorContender implements Contender {
  private final FloorReceivers receivers;
  private final Process process;
  private final List<BurstSource> sources = new ArrayList<>();

  /**
   * Starts the process.
   *
   * @param plain without segmentation
   */
  FloorContender(ForwardLoad load, boolean plain) throws IOException {
    receivers =
        load.relayed()
            ? new FloorChildren(load.destinations())
            : new FloorViewers(load.destinations());
    List<String> command = new ArrayList<>(NodeProcess.javaCommand());
    command.addAll(List.of("bench", "floor"));
    command.add(
        "--ports="
            + receivers.ports().stream().map(String::valueOf).collect(Collectors.joining(",")));
    command.add("--streams=" + load.streams());
    if (load.relayed()) {
      command.add("--relayed");
    }
    if (plain) {
      command.add("--plain");
    }
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    int port = port(process);
    if (load.relayed()) {
      sources.add(new BurstSource(load, 0, load.streams(), port));
    } else {
      for (int stream = 0; stream < load.streams(); stream++) {
        sources.add(new BurstSource(load, stream, 1, port));
      }
    }
  }

  private static int port(Process process) throws IOException {
    BufferedReader output = process.inputReader(StandardCharsets.US_ASCII);
    String line = output.readLine();
    if (line == null) {
      throw new IOException("the floor's process did not start");
    }
    return Integer.parseInt(line);
  }

  @Override
  public long pid() {
    return process.pid();
  }

  @Override
  public void flow(boolean open) {
    sources.forEach(source -> source.open(open));
  }

  @Override
  public Traffic traffic() {
    return receivers.traffic();
  }

  @Override
  public void close() {
    sources.forEach(BurstSource::close);
    process.destroy();
    receivers.close();
  }
}
