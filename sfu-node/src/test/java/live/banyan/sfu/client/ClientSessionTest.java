package live.banyan.sfu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ClientSessionTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @SuppressWarnings("NullAway.Init") // set before each test
  private FakeNode node;

  @SuppressWarnings("NullAway.Init") // set before each test
  private ClientHost host;

  @BeforeEach
  void start() throws IOException {
    node = new FakeNode();
    host = ClientHost.open();
  }

  @AfterEach
  void stop() {
    host.close();
    node.close();
  }

  @Test
  void aPatternIsSeenWholeAndItsLatencyMeasured() throws Exception {
    try (Publisher publisher = publisher();
        Viewer viewer = viewer(Options.WHOLE)) {
      WatchReport report = awaitFrames(viewer, 60);
      assertEquals(0, report.lost());
      assertTrue(report.framesBroken() <= 1, "only what came before the first keyframe");
      assertNotNull(report.firstMediaMs());
      assertNotNull(report.firstFrameMs());
      assertTrue(Objects.requireNonNull(report.latencyMsP99()) < 500);
      assertTrue(Objects.requireNonNull(report.longestGapMs()) >= 30);
      assertTrue(publisher.sent().packets() >= 500);
    }
    assertTrue(node.requests.contains("DELETE /sessions/1"));
    assertTrue(node.requests.contains("DELETE /sessions/2"));
  }

  @Test
  void aKeyframeThatOvertakesTheHandshakeIsSeen() throws Exception {
    node.greeting = 200;
    try (Viewer viewer = viewer(Options.WHOLE)) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (viewer.report().packets() < 200 && System.nanoTime() - deadline < 0) {
        assertFalse(viewer.awaitEnd(Duration.ofMillis(20)));
      }
      WatchReport report = viewer.report();
      assertEquals(200, report.packets());
      assertEquals(0, report.framesBroken());
      assertNotNull(report.firstFrameMs());
    }
  }

  @Test
  void lossOnEitherHopIsRepairedByRtx() throws Exception {
    node.publisherLoss = 0.02;
    try (Publisher publisher = publisher();
        Viewer viewer = viewer(Options.LOSSY)) {
      WatchReport report = awaitFrames(viewer, 120);
      Viewer.Repairs repairs = viewer.repairs();
      assertTrue(repairs.repaired() > 20, "repaired " + repairs);
      assertTrue(publisher.sent().repeated() >= repairs.repaired() / 2);
      assertTrue(report.framesBroken() <= 3, report.json());
      assertTrue(report.lost() <= 20, report.json());
    }
  }

  @Test
  void aViewerWithoutAKeyframeAsksForOne() throws Exception {
    // The first keyframe passes before the viewer is there; the next is 30 s away.
    try (Publisher publisher =
            started(
                Publisher.open(
                    host,
                    Publisher.Options.of(
                        node.whip(), new PatternSource(1_000_000, 1_000, 30, 30))));
        Viewer first = viewer(Options.WHOLE)) {
      awaitFrames(first, 30);
      try (Viewer viewer = viewer(Options.WHOLE)) {
        WatchReport report = awaitFrames(viewer, 30);
        for (int i = 0; i < 100 && report.firstFrameMs() == null; i++) {
          viewer.awaitEnd(Duration.ofMillis(20));
          report = viewer.report();
        }
        assertNotNull(report.firstFrameMs());
        assertTrue(report.firstFrameMs() < 5_000);
        assertTrue(viewer.repairs().keyframesAsked() >= 1);
        assertTrue(publisher.sent().keyframesMade() >= 1);
      }
    }
  }

  @Test
  void aRefusalCarriesStatusAndSentence() throws Exception {
    node.refuseWith = 409;
    Start<Viewer> start = Viewer.open(host, Viewer.Options.of(node.whep()));
    Start.Refused<Viewer> refused = assertInstanceOf(Start.Refused.class, start);
    assertEquals(409, refused.status());
    assertEquals("Ask somebody else.", refused.sentence());
    IOException thrown =
        assertThrows(
            IOException.class,
            () -> Publisher.start(Publisher.Options.of(node.whip(), PatternSource.standard())));
    assertTrue(thrown.toString().contains("Ask somebody else."));
  }

  @Test
  void watchingForATimeWarmsUpAndEndsTheSession() throws Exception {
    try (Publisher publisher = publisher()) {
      Start<WatchReport> start =
          Viewer.watch(Viewer.Options.of(node.whep()), Duration.ofSeconds(1));
      WatchReport report = started(start);
      assertTrue(report.packets() > 50, report.json());
      assertTrue(publisher.sent().packets() > 50);
    }
    assertTrue(node.requests.contains("OPTIONS /whep/test"));
    assertTrue(node.requests.contains("DELETE /sessions/2"));
  }

  @Test
  void nobodyThereIsAFailureThatNamesTheAddress() throws Exception {
    URI nobody = URI.create("http://127.0.0.1:1/whep/x");
    Start.Failed<Viewer> failed =
        assertInstanceOf(Start.Failed.class, Viewer.open(host, Viewer.Options.of(nobody)));
    assertTrue(failed.sentence().contains("127.0.0.1:1"));
    assertInstanceOf(
        Start.Failed.class,
        Viewer.open(host, Viewer.Options.of(URI.create("ftp://127.0.0.1/whep"))));
  }

  @Test
  void aSilentStreamGivesAReportWithoutFigures() throws Exception {
    try (Viewer viewer = viewer(Options.WHOLE)) {
      assertFalse(viewer.awaitEnd(Duration.ofMillis(300)));
      WatchReport report = viewer.report();
      assertEquals(0, report.packets());
      assertNull(report.firstMediaMs());
      assertEquals(
          "{\"firstMediaMs\":null,\"firstFrameMs\":null,\"packets\":0,\"lost\":0,\"frames\":0,"
              + "\"framesBroken\":0,\"longestGapMs\":null,\"latencyMsP50\":null,"
              + "\"latencyMsP99\":null}",
          report.json());
    }
  }

  @Test
  void manyViewersShareOneThread() throws Exception {
    try (Publisher publisher = publisher()) {
      Viewer[] viewers = new Viewer[12];
      for (int i = 0; i < viewers.length; i++) {
        viewers[i] = viewer(Options.LIGHT);
      }
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      for (Viewer viewer : viewers) {
        while (viewer.report().packets() < 300 && System.nanoTime() - deadline < 0) {
          viewer.awaitEnd(Duration.ofMillis(20));
        }
        assertTrue(viewer.report().packets() >= 300);
        assertTrue(viewer.latencies().count() >= 250, "all but those of the opening burst");
        assertEquals(0, viewer.report().frames());
      }
      long loops =
          Thread.getAllStackTraces().keySet().stream()
              .filter(thread -> thread.getName().equals("client-loop") && thread.isAlive())
              .count();
      assertEquals(1, loops);
      for (Viewer viewer : viewers) {
        viewer.close();
      }
      assertTrue(publisher.sent().packets() > 0);
    }
  }

  @Test
  void anEndAtTheOtherSideIsTold() throws Exception {
    Viewer viewer = viewer(Options.WHOLE);
    AtomicInteger calls = new AtomicInteger();
    CompletableFuture<String> ended = viewer.ended();
    ended.thenRun(calls::incrementAndGet);
    host.close();
    assertEquals("closed", ended.get(5, TimeUnit.SECONDS));
    assertEquals(0, viewer.report().packets());
    assertEquals(1, calls.get());
  }

  /** Kinds of viewers that these tests use. */
  private enum Options {
    WHOLE,
    LIGHT,
    LOSSY
  }

  private Publisher publisher() throws IOException, InterruptedException {
    Publisher publisher =
        started(Publisher.open(host, Publisher.Options.of(node.whip(), PatternSource.standard())));
    assertTrue(publisher.awaitLive(PATIENCE));
    return publisher;
  }

  private Viewer viewer(Options kind) throws IOException, InterruptedException {
    Viewer.Options options = Viewer.Options.of(node.whep());
    return started(
        Viewer.open(
            host,
            switch (kind) {
              case WHOLE -> options;
              case LIGHT -> options.withoutFrames();
              case LOSSY -> options.withLoss(new ReceiveLoss(0.03, 9));
            }));
  }

  private static <S> S started(Start<S> start) {
    if (start instanceof Start.Started<S> started) {
      return started.session();
    }
    throw new AssertionError(start.toString());
  }

  private static WatchReport awaitFrames(Viewer viewer, int frames) throws InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    WatchReport report = viewer.report();
    while (report.frames() < frames && System.nanoTime() - deadline < 0) {
      assertFalse(viewer.awaitEnd(Duration.ofMillis(20)));
      report = viewer.report();
    }
    assertTrue(report.frames() >= frames, report.json());
    return report;
  }
}
