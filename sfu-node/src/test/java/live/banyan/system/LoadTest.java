package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.WatchReport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What one node needs: to start, to do nothing, to serve a crowd. Memory is held against what is
 * promised itself, time and processor against three times that.
 */
@Tag("system")
@Timeout(600)
class LoadTest {
  private static final int CROWD = 50;
  private static final double CROWD_MB = 400;
  private static final Duration CROWD_TIME = Duration.ofSeconds(10);
  private static final double FRAMES_PER_SECOND = 30;
  private static final double IDLE_MB = 200;
  private static final double IDLE_CPU_PERCENT = 1;

  /** For what a node still does after it is ready: compiling what was hot meanwhile. */
  private static final Duration SETTLING = Duration.ofSeconds(3);

  private static final Duration IDLE_TIME = Duration.ofSeconds(10);
  private static final int STARTS = 5;
  private static final double START_MS = 3_000;

  @Test
  void aCrowdLosesNothing(@TempDir Path directory) throws Exception {
    try (TestNode node = TestNode.start(TestNode.Plan.alone("crowd", directory)).awaitReady();
        ClientHost host = ClientHost.open();
        Publisher publisher =
            Publisher.start(
                Publisher.Options.of(node.api().whip("live"), PatternSource.standard()))) {
      node.api().awaitLive("live");
      List<Audience> crowd = new ArrayList<>();
      try {
        for (int i = 0; i < CROWD; i++) {
          crowd.add(Audience.watch(host, node.api().whep("live")));
        }
        for (Audience audience : crowd) {
          audience.awaitFrames("everybody's first frames", 0);
        }
        watches(node, crowd);
        assertFalse(publisher.ended().isDone(), "the broadcast goes on");
      } finally {
        crowd.forEach(Audience::close);
      }
    }
  }

  private static void watches(TestNode node, List<Audience> crowd) throws Exception {
    String what = CROWD + " viewers of 2.5 Mbit/s: ";
    long begin = System.nanoTime();
    double cpu = cpuPercent(node, CROWD_TIME);
    Figures.print(what + "processor", cpu, "% of a core");
    Figures.atMost(what + "resident memory", node.residentMb(), CROWD_MB, "MB");
    double promised = FRAMES_PER_SECOND * CROWD_TIME.toSeconds();
    long packets = 0;
    for (Audience audience : crowd) {
      WatchReport report = audience.report();
      assertEquals(0, report.lost(), report.toString());
      assertEquals(0, report.framesBroken(), report.toString());
      assertTrue(audience.frames().since(begin) >= 0.9 * promised, report.toString());
      packets += report.packets();
    }
    Figures.print(what + "packets, none lost", packets, "");
    Figures.print(what + "packets sent again", node.api().counter("rtx_out"), "");
  }

  @Test
  void aNodeThatIsIdleNeedsLittle(@TempDir Path directory) throws Exception {
    try (TestNode node = TestNode.start(TestNode.Plan.alone("idle", directory)).awaitReady()) {
      Eventually.observeFor(SETTLING);
      double cpu = cpuPercent(node, IDLE_TIME);
      Figures.atMost("idle node without a site: memory", node.residentMb(), IDLE_MB, "MB");
      Figures.within("idle node without a site: processor", cpu, IDLE_CPU_PERCENT, "% of a core");
    }
  }

  @Test
  void aNodeStartsQuickly(@TempDir Path directory) throws Exception {
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      TestNode.Plan plan = TestNode.Plan.alone("start-" + i, directory);
      long begin = System.nanoTime();
      try (TestNode node = TestNode.start(plan).awaitReady()) {
        times.add(Figures.ms(System.nanoTime() - begin));
        assertTrue(node.alive());
      }
    }
    Figures.within("start to ready, median of " + STARTS, Figures.median(times), START_MS, "ms");
  }

  /** Processor time of a node over a time, in percent of one core. */
  private static double cpuPercent(TestNode node, Duration time) throws InterruptedException {
    long begin = System.nanoTime();
    Duration before = node.cpu();
    Eventually.observeFor(time);
    return 100.0 * node.cpu().minus(before).toNanos() / (System.nanoTime() - begin);
  }
}
