package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a volunteer forbids ends within a second, on a node that runs. */
@Tag("system")
class BlockTest {
  private static final String STREAM = "channel/show";

  @Test
  void aBlockEndsWhatGoesOnAndKeepsNewcomersOut(@TempDir Path directory) throws Exception {
    TestNode.Plan plan =
        TestNode.Plan.alone("volunteer", directory)
            .with("banyan.volunteer.carry = anything", "banyan.volunteer.uplink-mbit = 50");
    try (TestNode node = TestNode.start(plan).awaitReady();
        ClientHost host = ClientHost.open()) {
      try (Publisher publisher =
          Publisher.start(
              Publisher.Options.of(node.api().whip(STREAM), PatternSource.standard()))) {
        Eventually.until(
            "the stream to be live",
            Program.PATIENCE,
            () -> node.api().state(STREAM).orElse("").equals("live"));
        try (Audience audience = Audience.watch(host, node.api().whep(STREAM))) {
          audience.awaitFrames("the first frames", 0);
          assertTrue(node.api().metric("banyan_volunteer_used_bps") > 0);
          block(node);
          long begin = System.nanoTime();
          Eventually.until(
              "the viewer's place to be free again",
              Program.PATIENCE,
              () -> node.api().metric("banyan_volunteer_used_bps") == 0);
          double seconds = (System.nanoTime() - begin) / 1e9;
          Figures.atMost("a block to take effect", seconds, 1.0, "s");
        }
        Start.Refused<?> refused =
            assertInstanceOf(
                Start.Refused.class, Viewer.open(host, Viewer.Options.of(node.api().whep(STREAM))));
        assertEquals(503, refused.status());
        assertTrue(refused.sentence().contains("blocked"), refused.sentence());
        assertFalse(publisher.ended().isDone(), "the broadcaster is nobody's guest here");
      }
    }
  }

  private static void block(TestNode node) throws Exception {
    try (Program command = Program.start("block", "channel", "--data=" + node.data())) {
      assertEquals(0, command.awaitExit());
    }
  }
}
