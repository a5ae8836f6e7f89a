package live.banyan.system;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.ClipSource;
import live.banyan.sfu.client.Publisher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** How soon a viewer has a picture, where the stream is already and where it is not yet. */
@Tag("system")
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JoinTest {
  private static final int WARM_JOINS = 9;
  private static final double WARM_MS = 300;
  private static final int COLD_JOINS = 5;
  private static final double COLD_MS = 600;

  private final TestSite site;
  private final ClientHost host;

  JoinTest(@TempDir Path directory) throws Exception {
    site = TestSite.start(directory);
    host = ClientHost.open();
    host.warmUp();
  }

  @AfterAll
  void stop() throws Exception {
    host.close();
    site.close();
  }

  private Publisher publish(String stream) throws IOException, InterruptedException {
    Publisher publisher =
        Publisher.start(Publisher.Options.of(site.api(1).whip(stream), ClipSource.bundled()));
    for (int i = 1; i <= 3; i++) {
      site.api(i).awaitLive(stream);
    }
    return publisher;
  }

  private static double firstFrameMs(Audience audience) throws InterruptedException {
    Eventually.until(
        "the first frame", Program.PATIENCE, () -> audience.report().firstFrameMs() != null);
    Double ms = audience.report().firstFrameMs();
    return ms == null ? Double.POSITIVE_INFINITY : ms;
  }

  @Test
  void onTheNodeThatHasTheStream() throws Exception {
    List<Double> times = new ArrayList<>();
    URI whep = site.api(1).whep("warm");
    try (Publisher publisher = publish("warm")) {
      for (int i = 0; i < WARM_JOINS; i++) {
        try (Audience audience = Audience.watch(host, whep)) {
          times.add(firstFrameMs(audience));
        }
      }
      Figures.print("packets of the broadcast", publisher.sent().packets(), "");
    }
    Figures.within(
        "first frame on the stream's node, median of " + WARM_JOINS,
        Figures.median(times),
        WARM_MS,
        "ms");
  }

  /**
   * Nodes 2 and 3 are both asked for a stream that neither has; node 1 takes one child, so that one
   * of them gets it through the other.
   */
  @Test
  void overTwoHopsThatAreCold() throws Exception {
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < COLD_JOINS; i++) {
      String stream = "cold-" + i;
      try (Publisher publisher = publish(stream);
          Audience near = Audience.watch(host, site.api(2).whep(stream));
          Audience far = Audience.watch(host, site.api(3).whep(stream))) {
        times.add(Math.max(firstFrameMs(near), firstFrameMs(far)));
        Eventually.until(
            "a chain of three nodes",
            Program.PATIENCE,
            () -> site.travels(stream, 1, 2, 3) || site.travels(stream, 1, 3, 2));
      }
    }
    Figures.within(
        "first frame over two cold hops, median of " + COLD_JOINS,
        Figures.median(times),
        COLD_MS,
        "ms");
  }
}
