package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A viewer of three encodings that reports nothing but its own estimate (REMB). */
class ViewerLimitTest {
  private static final long MS = 1_000_000L;
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final int PORT = 9;

  private final ShardHarness node = new ShardHarness();
  private final Simulcaster camera = new Simulcaster();
  private final ReportingViewer viewer = new ReportingViewer();

  @BeforeEach
  void open() {
    node.connect(1, PUBLISHER, PORT);
    node.connect(2, VIEWER, PORT);
    node.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 3, ExtensionMap.EMPTY));
    List<ShardCommand.SourceLayer> layers = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      layers.add(new ShardCommand.SourceLayer(null, Simulcaster.FIRST_SSRC + i, 0));
    }
    node.execute(new ShardCommand.AddSource(10, 1, null, 96, 0, layers, true, true, false));
    node.execute(
        new ShardCommand.OpenSubscription(
            20,
            2,
            10,
            ReportingViewer.SSRC,
            0,
            "plan",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 0)),
            ExtensionMap.EMPTY));
  }

  @AfterEach
  void close() {
    assertEquals(List.of(), viewer.broken);
    node.close();
  }

  /**
   * @param rembBps told each second; 0 to tell nothing but that it is there
   */
  private void run(long ms, long rembBps) {
    byte[] memory = new byte[200];
    MemorySegment segment = MemorySegment.ofArray(memory);
    for (long i = 0; i < ms; i++) {
      node.nowNs += MS;
      camera.tick(node.nowNs).forEach(packet -> node.receive(packet.clone(), PUBLISHER, PORT));
      if (i % 1_000 == 0) {
        int length = RtcpWriter.receiverReport(segment, 0, 1);
        int[] ssrcs = {ReportingViewer.SSRC};
        length +=
            rembBps == 0
                ? 0
                : RtcpWriter.receiverEstimatedBitrate(segment, length, 1, rembBps, ssrcs, 1);
        node.receive(Arrays.copyOf(memory, length), VIEWER, PORT);
      }
      node.shard.onBatchEnd(node.nowNs);
      if (node.shard.nextDeadlineNs() <= node.nowNs) {
        node.shard.onTimer(node.nowNs);
      }
      for (RecordingSink.Datagram datagram : node.sink.take()) {
        if (datagram.low() == VIEWER) {
          viewer.receive(datagram.bytes(), node.nowNs);
        } else if (RtpPackets.isRtcp(datagram.bytes())) {
          camera.receive(datagram.bytes());
        }
      }
      viewer.tick(node.nowNs);
    }
  }

  @Test
  void getsTheLayerThatFitsWhatItSays() {
    run(3_000, 0);
    assertEquals(2, viewer.layer());
    run(3_000, 900_000);
    assertEquals(1, viewer.layer());
    run(3_000, 250_000);
    assertEquals(0, viewer.layer());
    run(3_000, 3_000_000);
    assertEquals(2, viewer.layer());
  }

  @Test
  void isNotBelievedForEver() {
    run(3_000, 250_000);
    assertEquals(0, viewer.layer());
    run(4_000, 0);
    assertEquals(0, viewer.layer(), "a report may be lost");
    run(3_000, 0);
    assertEquals(2, viewer.layer());
  }

  @Test
  void getsTheSmallestHoweverLittleItAllows() {
    run(3_000, 1);
    assertEquals(0, viewer.layer());
    assertTrue(viewer.framesOfLayer[0] > 50, Arrays.toString(viewer.framesOfLayer));
  }
}
