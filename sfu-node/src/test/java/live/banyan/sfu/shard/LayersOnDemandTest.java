package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.Consumer;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.RtpHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * An ingest, a relay and a relay behind that, 20 ms apart, with a viewer at the last. What each
 * needs reaches its parent, and the camera, as control carries it; {@link #words} stands for that.
 */
class LayersOnDemandTest {
  private static final long MS = 1_000_000L;
  private static final long HOP_NS = 20 * MS;
  private static final int NODES = 3;
  private static final int PORT = 9;
  private static final long CAMERA = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final long FIRST_NODE = ShardHarness.V4 | 16;
  private static final int LINK_SSRC = 0x9000;

  private record Flight(long atNs, long order, int to, long from, byte[] bytes) {}

  private record Word(long atNs, Runnable what) {}

  private final ShardHarness[] nodes = new ShardHarness[NODES];
  private final Simulcaster camera = new Simulcaster();
  private final ReportingViewer viewer = new ReportingViewer();
  private final PriorityQueue<Flight> flights =
      new PriorityQueue<>(
          (a, b) ->
              a.atNs != b.atNs ? Long.compare(a.atNs, b.atNs) : Long.compare(a.order, b.order));
  private final Queue<Word> words = new ArrayDeque<>();
  // By hop and layer: media packets on the link from node i to node i + 1.
  private final int[][] carried = new int[NODES - 1][Simulcaster.KBPS.length];
  private boolean cameraListens = true;
  private int mute = -1;
  private long flown;
  private long nowNs;

  @BeforeEach
  void open() {
    for (int i = 0; i < NODES; i++) {
      nodes[i] = new ShardHarness();
      ExtensionMap extensions = i == 0 ? ExtensionMap.EMPTY : ExtensionMap.RELAY;
      nodes[i].execute(new ShardCommand.OpenTrack(10, Codec.VP8, 3, extensions));
      nodes[i].link(1, FIRST_NODE + i - 1, PORT);
      nodes[i].link(2, FIRST_NODE + i + 1, PORT);
    }
    nowNs = nodes[0].nowNs;
    nodes[0].connect(3, CAMERA, PORT);
    List<ShardCommand.SourceLayer> layers = new ArrayList<>();
    for (int layer = 0; layer < 3; layer++) {
      layers.add(new ShardCommand.SourceLayer(null, Simulcaster.FIRST_SSRC + layer, 0));
    }
    nodes[0].execute(new ShardCommand.AddSource(10, 3, null, 96, 0, layers, true, true, false));
  }

  @AfterEach
  void close() {
    for (ShardHarness node : nodes) {
      node.close();
    }
  }

  private void relay(int child) {
    int relayed = Codec.VP8.relayPayloadType();
    List<ShardCommand.SourceLayer> layers = new ArrayList<>();
    for (int layer = 0; layer < 3; layer++) {
      int ssrc = LINK_SSRC + 2 * layer;
      layers.add(new ShardCommand.SourceLayer(null, ssrc, ssrc + 1));
      nodes[child - 1].execute(
          new ShardCommand.OpenRelay(30 + layer, 2, 10, layer, ssrc, ssrc + 1, -1));
    }
    nodes[child].execute(
        new ShardCommand.AddSource(10, 1, null, relayed, relayed + 1, layers, true, true, false));
  }

  private void watch(int node) {
    nodes[node].connect(3, VIEWER, PORT);
    nodes[node].execute(
        new ShardCommand.OpenSubscription(
            20,
            3,
            10,
            ReportingViewer.SSRC,
            0,
            "demand",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 0)),
            ExtensionMap.EMPTY));
  }

  private void run(long ms) {
    for (long i = 0; i < ms; i++) {
      nowNs += MS;
      for (ShardHarness node : nodes) {
        node.nowNs = nowNs;
      }
      while (!words.isEmpty() && words.peek().atNs <= nowNs) {
        words.remove().what.run();
      }
      camera.tick(nowNs).forEach(p -> nodes[0].receive(p.clone(), CAMERA, PORT));
      while (!flights.isEmpty() && flights.peek().atNs <= nowNs) {
        Flight flight = flights.remove();
        nodes[flight.to].receive(flight.bytes, flight.from, PORT);
      }
      for (int node = 0; node < NODES; node++) {
        nodes[node].shard.onBatchEnd(nowNs);
        if (nodes[node].shard.nextDeadlineNs() <= nowNs) {
          nodes[node].shard.onTimer(nowNs);
        }
        deliver(node);
        tell(node);
      }
      viewer.tick(nowNs);
      if (nowNs / MS % 1_000 == 0) {
        byte[] report = new byte[16];
        int length = RtcpWriter.receiverReport(MemorySegment.ofArray(report), 0, 1);
        nodes[2].receive(Arrays.copyOf(report, length), VIEWER, PORT); // it is there
      }
    }
  }

  private void deliver(int node) {
    for (RecordingSink.Datagram datagram : nodes[node].sink.take()) {
      byte[] bytes = datagram.bytes();
      if (datagram.low() == VIEWER) {
        viewer.receive(bytes, nowNs);
      } else if (datagram.low() == CAMERA) {
        if (RtpPackets.isRtcp(bytes)) {
          camera.receive(bytes);
        }
      } else {
        int to = (int) (datagram.low() - FIRST_NODE);
        if (to == node + 1 && RtpPackets.isRtp(bytes)) {
          int layer = (RtpHeader.ssrc(MemorySegment.ofArray(bytes), 0) - LINK_SSRC) / 2;
          carried[node][layer]++;
        }
        flights.add(new Flight(nowNs + HOP_NS, flown++, to, FIRST_NODE + node, bytes));
      }
    }
  }

  /** What control does with the shards' events. */
  private void tell(int node) {
    for (ShardEvent event : List.copyOf(nodes[node].events)) {
      assertFalse(event instanceof ShardEvent.SourceSilent, "node " + node + ": " + event);
      if (event instanceof ShardEvent.LayersNeeded needed && node != mute) {
        later(
            needed.layers(),
            layers -> {
              if (node == 0) {
                camera.need(cameraListens ? layers : 0b111);
                return;
              }
              for (int layer = 0; layer < 3; layer++) {
                boolean need = (layers >> layer & 1) != 0;
                nodes[node - 1].execute(new ShardCommand.NeedLayer(30 + layer, need));
              }
            });
      }
    }
    nodes[node].events.clear();
  }

  private void later(int layers, Consumer<Integer> what) {
    words.add(new Word(nowNs + HOP_NS, () -> what.accept(layers)));
  }

  private void choose(int layer) {
    nodes[NODES - 1].execute(new ShardCommand.LimitLayer(20, layer));
  }

  private String sent() {
    return "carried %s, sent %s, viewer's frames %s"
        .formatted(
            Arrays.deepToString(carried),
            Arrays.toString(camera.packets),
            Arrays.toString(viewer.framesOfLayer));
  }

  private void forgetCounts() {
    Arrays.stream(carried).forEach(hop -> Arrays.fill(hop, 0));
    Arrays.fill(camera.packets, 0);
  }

  /** A second, in which only one layer crosses the links, and leaves the camera if that listens. */
  private void onlyLayerIs(int layer) {
    forgetCounts();
    run(1_000);
    for (int i = 0; i < 3; i++) {
      for (int[] hop : carried) {
        assertEquals(i == layer, hop[i] > 0, "layer " + i + ": " + sent());
      }
      assertEquals(i == layer || !cameraListens, camera.packets[i] > 0, sent());
    }
  }

  @Test
  void onlyWhatTheViewerTakesIsSentOverEachHop() {
    relay(1);
    relay(2);
    watch(2);
    run(4_000);
    assertEquals(2, viewer.layer());
    onlyLayerIs(2);
    for (int layer : new int[] {0, 1, 2, 0, 2}) {
      choose(layer);
      long askedNs = nowNs;
      while (viewer.layer() != layer && nowNs - askedNs < 2_000 * MS) {
        run(1);
      }
      assertEquals(layer, viewer.layer(), sent());
      // Three words of 20 ms and two ticks of 20 ms up, a frame and 40 ms down.
      assertTrue(nowNs - askedNs < 300 * MS, (nowNs - askedNs) / MS + " ms to layer " + layer);
      run(3_000);
      onlyLayerIs(layer);
    }
    assertEquals(List.of(), viewer.broken);
    assertFalse(viewer.backwards);
    assertTrue(viewer.longestGapNs < 300 * MS, viewer.longestGapNs / MS + " ms");
  }

  @Test
  void aCameraThatDoesNotListenIsCutAtItsIngest() {
    cameraListens = false;
    relay(1);
    relay(2);
    watch(2);
    choose(1);
    run(5_000);
    onlyLayerIs(1);
    choose(2);
    long askedNs = nowNs;
    while (viewer.layer() != 2 && nowNs - askedNs < 2_000 * MS) {
      run(1);
    }
    assertTrue(nowNs - askedNs < 300 * MS, (nowNs - askedNs) / MS + " ms");
    assertEquals(List.of(), viewer.broken);
  }

  @Test
  void whereNobodyWatchesTheSmallestAloneIsSent() {
    relay(1);
    relay(2);
    run(3_000);
    onlyLayerIs(0);
    watch(2);
    long askedNs = nowNs;
    while (viewer.layer() != 2 && nowNs - askedNs < 2_000 * MS) {
      run(1);
    }
    assertTrue(nowNs - askedNs < 400 * MS, (nowNs - askedNs) / MS + " ms to the best");
    run(3_000);
    onlyLayerIs(2);
    nodes[2].execute(new ShardCommand.CloseSubscription(20));
    run(3_000);
    onlyLayerIs(0);
  }

  @Test
  void aChildThatHasNotSpokenIsSentWhatComesAndOneThatNeverDoesAll() {
    mute = 1;
    run(3_000);
    relay(1);
    run(500);
    forgetCounts();
    run(2_000);
    assertTrue(carried[0][0] > 0, sent());
    assertEquals(0, camera.packets[1] + camera.packets[2], "a place alone asks for nothing more");
    run(1_000);
    forgetCounts();
    run(500);
    assertTrue(Arrays.stream(carried[0]).allMatch(packets -> packets > 0), sent());
  }
}
