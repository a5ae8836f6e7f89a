package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import live.banyan.sfu.client.ClientHost;
import live.banyan.sfu.client.PatternSource;
import live.banyan.sfu.client.Publisher;
import live.banyan.sfu.client.Start;
import live.banyan.sfu.client.Viewer;
import live.banyan.sfu.client.WatchReport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What viewers at the end of a chain notice when something before them goes away. One site for all
 * tests, which leave it as they found it.
 */
@Tag("system")
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FailureTest {
  private static final Duration WAITING = Duration.ofSeconds(12);

  private final TestSite site;
  private final ClientHost host;
  private String stream = "";
  private int test;

  FailureTest(@TempDir Path directory) throws Exception {
    site = TestSite.start(directory, "banyan.waiting-ms = " + WAITING.toMillis());
    host = ClientHost.open();
  }

  @BeforeEach
  void nextStream() {
    stream = TestSite.stream(test++);
  }

  @AfterAll
  void stop() throws Exception {
    host.close();
    site.close();
  }

  /** Somebody who watches at a node, in this process. */
  private record Audience(Viewer viewer, FrameClock frames) implements AutoCloseable {
    WatchReport report() throws InterruptedException {
      return viewer.report();
    }

    void awaitFrames(String what, long sinceNs) throws InterruptedException {
      Eventually.until(what, Program.PATIENCE, () -> frames.since(sinceNs) >= 15);
    }

    @Override
    public void close() {
      viewer.close();
    }
  }

  private Audience watch(int node) throws IOException, InterruptedException {
    FrameClock frames = new FrameClock();
    Viewer.Options options = Viewer.Options.of(site.api(node).whep(stream)).withFrames(frames);
    return switch (Viewer.open(host, options)) {
      case Start.Started<Viewer> started -> new Audience(started.session(), frames);
      case Start.Refused<Viewer> refused -> fail(refused.status() + " " + refused.sentence());
      case Start.Failed<Viewer> failed -> fail(failed.sentence());
    };
  }

  private Publisher publish(int node) throws IOException, InterruptedException {
    Publisher publisher =
        Publisher.start(
            Publisher.Options.of(site.api(node).whip(stream), PatternSource.standard()));
    awaitState(node, "LIVE");
    return publisher;
  }

  private void awaitState(int node, String state) throws InterruptedException {
    Eventually.until(
        "the stream to be " + state + " at node " + node,
        Program.PATIENCE,
        () -> site.api(node).state(stream).orElse("GONE").equalsIgnoreCase(state));
  }

  private void awaitChain() throws InterruptedException {
    Eventually.until(
        "the chain 1 -> 2 -> 3", Program.PATIENCE, () -> site.travels(stream, 1, 2, 3));
  }

  private void awaitNobodyKnowsTheStream() throws InterruptedException {
    for (int i = 1; i <= 3; i++) {
      awaitState(i, "GONE");
    }
  }

  @Test
  @Order(1)
  void aBroadcastThatEndsIsOverEverywhereAtOnce() throws Exception {
    Publisher publisher = publish(1);
    for (int i = 2; i <= 3; i++) {
      awaitState(i, "LIVE");
    }
    long ended = System.nanoTime();
    publisher.close(); // DELETE
    awaitNobodyKnowsTheStream();
    Figures.within(
        "DELETE to over on all nodes", Figures.ms(System.nanoTime() - ended), 1_000, "ms");
  }

  @Test
  @Order(2)
  void viewersWaitForAPublisherThatDiedAndGoOnWhenItReturns() throws Exception {
    try (Program publisher =
        Program.start("publish", site.api(1).whip(stream).toString(), "--for", "300")) {
      awaitState(3, "LIVE");
      Eventually.until("node 2 to carry", Program.PATIENCE, () -> site.travels(stream, 1, 2));
      try (Audience audience = watch(3);
          StreamEvents events = StreamEvents.open(site.api(3), stream)) {
        audience.awaitFrames("the first frames", 0);
        awaitChain();
        long killed = System.nanoTime();
        publisher.kill();
        awaitState(3, "WAITING");
        long api = System.nanoTime() - killed;
        Eventually.until(
            "the event", Program.PATIENCE, () -> events.stateSince(killed, "WAITING").isPresent());
        OptionalLong told = events.stateSince(killed, "WAITING");
        Figures.within("publisher killed to 'waiting' in the API", Figures.ms(api), 5_000, "ms");
        Figures.within(
            "publisher killed to 'waiting' on the page",
            Figures.ms(told.orElseThrow() - killed),
            5_000,
            "ms");
        assertFalse(audience.viewer.ended().isDone(), "the viewer's session lasts");
        returnsAt(2, audience, events);
      }
    }
    awaitNobodyKnowsTheStream();
  }

  private void returnsAt(int node, Audience audience, StreamEvents events) throws Exception {
    long back = System.nanoTime();
    Publisher publisher = publish(node);
    audience.awaitFrames("frames in the same session", back);
    Figures.print(
        "publisher's return at node " + node + " to frames",
        Figures.ms(System.nanoTime() - back),
        "ms");
    assertFalse(audience.viewer.ended().isDone(), "the same session goes on");
    assertTrue(events.stateSince(back, "LIVE").isPresent(), "the page hears of it");
    assertEquals(0, audience.report().framesBroken(), audience.report().toString());
    publisher.close();
  }

  @Test
  @Order(3)
  void viewersOfAPublisherThatNeverReturnsAreSentHome() throws Exception {
    Program publisher =
        Program.start("publish", site.api(1).whip(stream).toString(), "--for", "300");
    awaitState(3, "LIVE");
    try (publisher;
        Audience audience = watch(3)) {
      audience.awaitFrames("the first frames", 0);
      publisher.kill();
      awaitState(3, "WAITING");
      long waiting = System.nanoTime();
      assertTrue(audience.viewer.awaitEnd(Program.PATIENCE), "the session ends");
      double seconds = (System.nanoTime() - waiting) / 1e9;
      Figures.print("'waiting' to the end of viewers' sessions", seconds, "s");
      assertTrue(seconds > WAITING.toSeconds() * 0.7, "not before " + WAITING);
      assertTrue(seconds < WAITING.toSeconds() * 3, "not long after " + WAITING);
    }
    awaitNobodyKnowsTheStream();
  }

  @Test
  @Order(4)
  void aNodeThatIsToldToStopLosesNoFrame() throws Exception {
    try (Publisher publisher = publish(1)) {
      Eventually.until("node 2 to carry", Program.PATIENCE, () -> site.travels(stream, 1, 2));
      try (Audience audience = watch(3)) {
        audience.awaitFrames("the first frames", 0);
        awaitChain();
        long told = System.nanoTime();
        site.node(2).program().terminate();
        assertEquals(0, site.node(2).program().awaitExit(), "it ends by itself");
        Figures.print("SIGTERM of node 2 to its end", Figures.ms(System.nanoTime() - told), "ms");
        Eventually.until("the tree 1 -> 3", Program.PATIENCE, () -> site.travels(stream, 1, 3));
        audience.awaitFrames("frames after the move", System.nanoTime());
        WatchReport report = audience.report();
        Figures.print(
            "SIGTERM of node 2: longest gap at node 3",
            Figures.ms(audience.frames.longestGapNs(told)),
            "ms");
        assertEquals(0, report.framesBroken(), report.toString());
        assertEquals(0, report.lost(), report.toString());
        assertEquals(0, audience.frames.jumps(told), "every frame follows the one before it");
        assertFalse(audience.viewer.ended().isDone());
      }
    } finally {
      site.restart(2);
    }
    awaitNobodyKnowsTheStream();
  }

  @Test
  @Order(5)
  void aKilledNodeIsReplacedByAnother() throws Exception {
    try (Publisher publisher = publish(1)) {
      Eventually.until("node 2 to carry", Program.PATIENCE, () -> site.travels(stream, 1, 2));
      try (Audience audience = watch(3)) {
        audience.awaitFrames("the first frames", 0);
        awaitChain();
        String dead = site.api(2).node().path("nodeId").asText();
        long killed = System.nanoTime();
        site.node(2).program().kill();
        slotIsFreed(dead, killed);
        audience.awaitFrames("frames again", System.nanoTime());
        Figures.within(
            "node 2 killed: longest gap at node 3",
            Figures.ms(audience.frames.longestGapNs(killed)),
            2_000,
            "ms");
        assertFalse(audience.viewer.ended().isDone(), "without a new session");
        WatchReport report = audience.report();
        Figures.print("node 2 killed: frames broken", report.framesBroken(), "");
        Figures.print("node 2 killed: packets lost", report.lost(), "");
        recordsGo(dead, killed);
      }
    }
    awaitState(1, "GONE");
    awaitState(3, "GONE");
  }

  /**
   * The only slot is freed, or already lent to the node that lost its parent. That node says so
   * itself: at node 1 the dead node's record stays until the site has missed it for longer.
   */
  private void slotIsFreed(String dead, long killed) throws Exception {
    String root = site.api(1).node().path("nodeId").asText();
    Eventually.until(
        "the dead child's slot",
        Program.PATIENCE,
        () ->
            site.api(1).node().path("children").asInt() == 0
                || site.parentOf(stream, 3).equals(root));
    Figures.within(
        "node 2 killed to its slot free", Figures.ms(System.nanoTime() - killed), 500, "ms");
    Eventually.until("the tree 1 -> 3", Program.PATIENCE, () -> site.travels(stream, 1, 3));
    Figures.print(
        "node 2 killed to the tree's records right", Figures.ms(System.nanoTime() - killed), "ms");
    assertFalse(site.api(1).tree(stream).toString().contains(dead));
  }

  private void recordsGo(String dead, long killed) throws Exception {
    Eventually.until(
        "node 2's records to go",
        Program.PATIENCE,
        () ->
            !site.api(1).node().path("peers").toString().contains(dead)
                && !site.api(3).node().path("peers").toString().contains(dead));
    Figures.print(
        "node 2 killed to its records gone", Figures.ms(System.nanoTime() - killed), "ms");
  }
}
