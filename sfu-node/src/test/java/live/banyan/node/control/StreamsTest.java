package live.banyan.node.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.mesh.NodeRecord;
import live.banyan.mesh.site.SoloDirectory;
import live.banyan.node.control.LinkDescription.LayerSsrcs;
import live.banyan.node.data.LayerNeeds;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.signaling.port.MediaPlane.Kind;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node that relays: how a stream comes, is kept for those who come back, and goes. */
class StreamsTest {
  private static final String STREAM = "show";
  private static final String PARENT = "parent";

  private final ControlThread thread = new ControlThread();
  private final FakeOverlay overlay = new FakeOverlay();
  private final List<ShardCommand> commands = new ArrayList<>(); // the control thread's
  private final SoloDirectory directory =
      new SoloDirectory(new NodeRecord("self", "http://self", List.of(), "", 1, false, 0));
  private final Streams streams =
      new Streams(
          thread,
          commands::add,
          directory,
          overlay,
          new AtomicLong(),
          60_000,
          List.of(),
          UplinkGate.OPEN);
  private final StreamDescription description =
      StreamDescription.of(List.of(new StreamDescription.Track("VP8", 0, "", 1, false, List.of())));
  private final StreamRecord record =
      new StreamRecord(STREAM, 5, "ingest", true, 0, description.toJson());

  @BeforeEach
  void goLive() {
    directory.putStream(record);
  }

  @AfterEach
  void close() {
    thread.close();
    directory.close();
  }

  private <T> T on(Supplier<T> task) throws Exception {
    return thread.call(task).toCompletableFuture().get(5, TimeUnit.SECONDS);
  }

  private void run(Runnable task) throws Exception {
    on(
        () -> {
          task.run();
          return "";
        });
  }

  private List<ShardCommand> take() throws Exception {
    return on(
        () -> {
          List<ShardCommand> taken = List.copyOf(commands);
          commands.clear();
          return taken;
        });
  }

  private static LinkDescription link(int ssrc) {
    return link(5, ssrc);
  }

  private static LinkDescription link(long epoch, int ssrc) {
    return new LinkDescription(epoch, List.of(List.of(new LayerSsrcs(ssrc, ssrc + 1))));
  }

  /** A viewer asks, the tree finds a parent, the viewer leaves. */
  private LocalStream visited() throws Exception {
    LocalStream stream =
        on(
            () -> {
              LocalStream made = streams.relay(record).orElseThrow();
              streams.viewerJoined(made, "viewer", Map.of(Kind.VIDEO, 100L));
              streams.attachParent(PARENT, STREAM, link(0x10));
              streams.viewerLeft(STREAM, "viewer");
              return made;
            });
    assertEquals("want show", overlay.asked.poll());
    take();
    return stream;
  }

  private void sweepLater() throws Exception {
    run(() -> streams.sweep(System.currentTimeMillis() + 10_000));
  }

  @Test
  void whoComesBackWhileTheTreeHoldsTheStreamFindsItFlowing() throws Exception {
    LocalStream stream = visited();
    sweepLater();
    assertEquals("unwant show", overlay.asked.poll());
    sweepLater();
    assertEquals(List.of(), take(), "tracks and sources stay for what the parent still sends");
    assertSame(stream, on(() -> Objects.requireNonNull(streams.get(STREAM))));
    run(() -> streams.viewerJoined(stream, "again", Map.of(Kind.VIDEO, 101L)));
    assertEquals("want show", overlay.asked.poll());
    sweepLater();
    assertNull(overlay.asked.poll());
  }

  @Test
  void aStreamThatTheTreeHasLeftIsForgotten() throws Exception {
    visited();
    sweepLater();
    run(() -> streams.detachParent(PARENT, STREAM));
    assertInstanceOf(ShardCommand.RemoveSource.class, take().getFirst());
    sweepLater();
    assertInstanceOf(ShardCommand.CloseTrack.class, take().getFirst());
    assertTrue(on(() -> streams.all().isEmpty()));
  }

  @Test
  void whoHasJustAskedIsWaitedFor() throws Exception {
    run(() -> streams.relay(record));
    run(() -> streams.sweep(System.currentTimeMillis()));
    assertEquals("want show", overlay.asked.poll());
    assertNull(overlay.asked.poll());
  }

  @Test
  void aTreeThatGaveUpIsAskedAgainWhileSomebodyWaits() throws Exception {
    overlay.refusal = "FULL";
    run(
        () -> {
          LocalStream stream = streams.relay(record).orElseThrow();
          streams.viewerJoined(stream, "viewer", Map.of());
        });
    assertEquals("want show", overlay.asked.poll(5, TimeUnit.SECONDS));
    assertEquals("want show", overlay.asked.poll(5, TimeUnit.SECONDS));
    run(() -> streams.viewerLeft(STREAM, "viewer"));
    overlay.asked.clear();
    assertNull(overlay.asked.poll(1_500, TimeUnit.MILLISECONDS));
  }

  @Test
  void aParentThatBeginsAnewReplacesItsFormerSsrcs() throws Exception {
    visited();
    run(() -> streams.attachParent(PARENT, STREAM, link(0x20)));
    List<ShardCommand> sent = take();
    assertInstanceOf(ShardCommand.RemoveSource.class, sent.get(0));
    var added = assertInstanceOf(ShardCommand.AddSource.class, sent.get(1));
    assertEquals(0x20, added.layers().getFirst().ssrc());
    assertFalse(added.pli(), "its publisher makes keyframes when it pleases");
    assertNotNull(on(() -> streams.get(STREAM)));
  }

  @Test
  void aParentAheadOfTheDirectoryIsTakenWhenTheDirectoryFollows() throws Exception {
    visited();
    run(() -> streams.attachParent(PARENT, STREAM, link(6, 0x30)));
    assertEquals(List.of(), take(), "nobody has said yet what the next epoch's tracks are");
    assertTrue(on(() -> streams.openChild("child", STREAM, new long[0][])).isEmpty());
    directory.putStream(new StreamRecord(STREAM, 6, "ingest", true, 0, description.toJson()));
    run(() -> streams.directoryChanged(STREAM));
    var added =
        assertInstanceOf(
            ShardCommand.AddSource.class,
            take().stream().filter(ShardCommand.AddSource.class::isInstance).toList().getFirst());
    assertEquals(0x30, added.layers().getFirst().ssrc());
    assertTrue(on(() -> streams.openChild("child", STREAM, new long[0][])).isPresent());
  }

  @Test
  void aParentThatLeavesBeforeTheDirectoryFollowsIsForgotten() throws Exception {
    visited();
    run(() -> streams.attachParent(PARENT, STREAM, link(6, 0x30)));
    run(() -> streams.detachParent(PARENT, STREAM));
    directory.putStream(new StreamRecord(STREAM, 6, "ingest", true, 0, description.toJson()));
    run(() -> streams.directoryChanged(STREAM));
    assertTrue(take().stream().noneMatch(ShardCommand.AddSource.class::isInstance));
  }

  @Test
  void aParentForChildrenAloneIsNobodysWish() throws Exception {
    run(() -> streams.attachParent(PARENT, STREAM, link(0x10)));
    assertNull(overlay.asked.poll(), "the tree has taken it for a child; nobody here watches");
    assertInstanceOf(ShardCommand.OpenTrack.class, take().getFirst());
    sweepLater();
    assertNotNull(on(() -> streams.get(STREAM)), "it stays for as long as the parent sends");
    run(() -> streams.detachParent(PARENT, STREAM));
    sweepLater();
    assertTrue(on(() -> streams.all().isEmpty()));
  }

  @Test
  void aFormerIngestWantsTheStreamOnlyForItsViewers() throws Exception {
    replacedAtAnotherNode(false);
    assertEquals("unroot show", overlay.asked.poll());
    assertNull(overlay.asked.poll());
  }

  @Test
  void aFormerIngestsViewersGoOnWithTheNextOne() throws Exception {
    replacedAtAnotherNode(true);
    assertEquals("unroot show", overlay.asked.poll());
    assertEquals("want show", overlay.asked.poll());
  }

  private void replacedAtAnotherNode(boolean watched) throws Exception {
    directory.removeStream(STREAM);
    run(
        () -> {
          streams.ingest(
              STREAM, "publisher", description, List.of(ExtensionMap.RELAY), tracks -> List.of());
          if (watched) {
            LocalStream stream = Objects.requireNonNull(streams.get(STREAM));
            streams.viewerJoined(stream, "viewer", Map.of());
          }
        });
    assertEquals("root show", overlay.asked.poll());
    long next = directory.stream(STREAM).orElseThrow().epoch() + 1;
    directory.putStream(new StreamRecord(STREAM, next, "other", true, 0, description.toJson()));
    run(() -> streams.directoryChanged(STREAM));
  }

  private static StreamDescription simulcast() {
    return StreamDescription.of(
        List.of(
            new StreamDescription.Track("OPUS", 2, "", 1, true, List.of()),
            new StreamDescription.Track("VP8", 0, "", 3, true, List.of("q", "h", "f"))));
  }

  private static LinkDescription simulcastLink() {
    return new LinkDescription(
        6,
        List.of(
            List.of(new LayerSsrcs(1, 2)),
            List.of(new LayerSsrcs(3, 4), new LayerSsrcs(5, 6), new LayerSsrcs(7, 8))));
  }

  @Test
  void aPublisherIsToldTheNamesOfTheEncodingsThatAreNeeded() throws Exception {
    directory.removeStream(STREAM);
    List<ExtensionMap> extensions = List.of(ExtensionMap.RELAY, ExtensionMap.RELAY);
    run(() -> streams.ingest(STREAM, "publisher", simulcast(), extensions, t -> List.of()));
    long video = Objects.requireNonNull(on(() -> streams.get(STREAM))).trackOf(Kind.VIDEO);
    run(() -> streams.layersNeeded(video, 0b101));
    assertEquals(List.of("q", "f"), overlay.layers);
    run(() -> streams.layersNeeded(video, 0b001));
    assertEquals(List.of("q"), overlay.layers);
    assertNull(overlay.needs, "it has no parents");
    run(() -> streams.layersNeeded(video + 100, 0b111));
    assertEquals(List.of("q"), overlay.layers, "a track that is gone");
  }

  @Test
  void parentsAreToldWhichLayersAreNeededAndToldAgain() throws Exception {
    StreamRecord large = new StreamRecord(STREAM, 6, "ingest", true, 0, simulcast().toJson());
    directory.putStream(large);
    LocalStream stream = on(() -> streams.relay(large).orElseThrow());
    run(() -> streams.attachParent(PARENT, STREAM, simulcastLink()));
    run(() -> streams.sweep(System.currentTimeMillis() + 60_000));
    assertNull(overlay.needs, "nothing is known yet");
    run(() -> streams.layersNeeded(stream.trackOf(Kind.VIDEO), 0b010));
    LayerNeeds needs = new LayerNeeds(STREAM, 6, List.of(0, 0b010));
    assertEquals(needs, overlay.needs);
    overlay.needs = null;
    run(() -> streams.sweep(System.currentTimeMillis()));
    assertNull(overlay.needs);
    run(() -> streams.sweep(System.currentTimeMillis() + 6_000));
    assertEquals(needs, overlay.needs, "a word that was lost is made good");
    assertEquals(List.of(), overlay.layers, "the publisher is another node's");
  }

  @Test
  void aChildIsSentWhatItNeeds() throws Exception {
    StreamRecord large = new StreamRecord(STREAM, 6, "ingest", true, 0, simulcast().toJson());
    directory.putStream(large);
    run(() -> streams.relay(large));
    run(() -> streams.attachParent(PARENT, STREAM, simulcastLink()));
    run(() -> streams.openChild("child", STREAM, new long[0][]));
    List<Long> relays =
        take().stream()
            .filter(ShardCommand.OpenRelay.class::isInstance)
            .map(it -> ((ShardCommand.OpenRelay) it).subscriptionId())
            .toList();
    assertEquals(4, relays.size());
    run(() -> streams.childNeeds("child", new LayerNeeds(STREAM, 6, List.of(0, 0b101))));
    assertEquals(
        List.of(
            new ShardCommand.NeedLayer(relays.get(1), true),
            new ShardCommand.NeedLayer(relays.get(2), false),
            new ShardCommand.NeedLayer(relays.get(3), true)),
        take());
    run(() -> streams.childNeeds("child", new LayerNeeds(STREAM, 5, List.of(0, 1))));
    run(() -> streams.childNeeds("child", new LayerNeeds(STREAM, 6, List.of(1))));
    run(() -> streams.childNeeds("stranger", new LayerNeeds(STREAM, 6, List.of(0, 1))));
    run(() -> streams.childNeeds("child", new LayerNeeds("other", 6, List.of(0, 1))));
    assertEquals(List.of(), take(), "of another epoch, of other tracks, of nobody, of nothing");
  }
}
