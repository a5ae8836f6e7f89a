package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.WatchReport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Random loss, in both directions, between two nodes or between the last node and its viewer:
 * pictures go on, and what was lost is sent again. Two nodes and their clients each have a network
 * namespace of their own, or this one.
 */
@Tag("system")
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LossTest {
  private static final String STREAM = "live";
  private static final int VIEWER = 0;
  private static final int INGEST = 1;
  private static final int EDGE = 2;
  private static final Duration TIME = Duration.ofSeconds(8);
  private static final double FRAMES_PER_SECOND = 30;

  /** Share of pictures that may stay broken: a repair may get lost several times over. */
  private static final double BROKEN = 0.02;

  private final TestNetwork network;
  private final TestNode ingest;
  private final TestNode edge;
  private final ClientHost host;
  private final Publisher publisher;

  LossTest(@TempDir Path directory) throws Exception {
    network = TestNetwork.create(2);
    ingest = TestNode.start(plan(INGEST, directory));
    ingest.awaitReady();
    edge = TestNode.start(plan(EDGE, directory));
    edge.awaitReady();
    host = ClientHost.open();
    publisher =
        Publisher.start(Publisher.Options.of(ingest.api().whip(STREAM), PatternSource.standard()));
    Eventually.until(
        "the stream at the edge",
        Program.PATIENCE,
        () -> edge.api().state(STREAM).orElse("").equals("live"));
  }

  private TestNode.Plan plan(int host, Path directory) {
    return new TestNode.Plan(
        "host-" + host,
        directory,
        network.address(host),
        8080,
        5701,
        "loss",
        List.of(network.address(INGEST) + ":5701", network.address(EDGE) + ":5701"),
        List.of(),
        network.on(host));
  }

  @AfterAll
  void stop() throws Exception {
    publisher.close();
    host.close();
    edge.close();
    ingest.close();
    network.close();
  }

  private static String name(int host) {
    return host == VIEWER ? "viewer" : "node " + host;
  }

  @ParameterizedTest
  @CsvSource({
    INGEST + "," + EDGE + ",1",
    INGEST + "," + EDGE + ",5",
    EDGE + "," + VIEWER + ",1",
    EDGE + "," + VIEWER + ",5"
  })
  void whatIsLostIsRepaired(int from, int to, int percent) throws Exception {
    String what = percent + "% lost between " + name(from) + " and " + name(to);
    try (Audience audience = Audience.watch(host, edge.api().whep(STREAM))) {
      audience.awaitFrames("the first frames", 0);
      WatchReport before = audience.report();
      double repeated = repeated(from);
      long begin = System.nanoTime();
      network.lose(from, to, percent);
      Eventually.observeFor(TIME);
      long dropped = network.lost();
      network.heal();
      double seconds = (System.nanoTime() - begin) / 1e9;
      // What is being repaired has its time, too.
      audience.awaitFrames("frames without loss", System.nanoTime());
      WatchReport after = audience.report();
      long frames = after.frames() - before.frames();
      long broken = after.framesBroken() - before.framesBroken();
      Figures.print(what + ": datagrams dropped", dropped, "");
      Figures.print(what + ": packets sent again", repeated(from) - repeated, "");
      Figures.print(what + ": frames", frames, "");
      Figures.print(what + ": packets that never came", after.lost() - before.lost(), "");
      Figures.print(
          what + ": longest gap", Figures.ms(audience.frames().longestGapNs(begin)), "ms");
      Figures.atMost(what + ": frames broken", broken, Math.ceil(frames * BROKEN), "");
      assertTrue(dropped > 0, "the switch did lose packets");
      assertTrue(repeated(from) > repeated, "they were sent again");
      assertTrue(frames >= 0.9 * FRAMES_PER_SECOND * seconds, frames + " frames");
    }
  }

  /** Packets that a node sent again so far, as RTX. */
  private double repeated(int node) throws IOException, InterruptedException {
    NodeApi api = node == INGEST ? ingest.api() : edge.api();
    return api.counter("rtx_out");
  }
}
