package live.banyan.node.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import live.banyan.node.demo.NodeProcess;

/** A node in a process of its own, of which more is known than of the floor. */
abstract class NodeUnderTest implements Contender {
  private final Path gcLog;

  NodeUnderTest() throws IOException {
    gcLog = Files.createTempFile("banyan-gc-", ".log");
  }

  /** What its JVM is to be started with. */
  final List<String> jvmFlags() {
    return List.of(GcPauses.jvmFlag(gcLog));
  }

  /** What the JVM wrote about stops so far. */
  final Path gcLog() {
    return gcLog;
  }

  /** The process. */
  abstract NodeProcess node();

  @Override
  public final long pid() {
    return node().pid();
  }

  /** Lets the other subscribers in, while media flows. */
  abstract void fill() throws IOException, InterruptedException;

  /** Packets that subscribers miss and did not get repeated. */
  abstract long lost() throws IOException, InterruptedException;

  @Override
  public void close() {
    try {
      Files.deleteIfExists(gcLog);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
