package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a viewer sees while layers and epochs change behind its back. */
class ContinuityTest {
  private static final long MS = ShardHarness.MS;
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final ExtensionMap SIMULCAST =
      new ExtensionMap(
          Map.of(ExtensionKind.MID, 1, ExtensionKind.RID, 2, ExtensionKind.ABS_CAPTURE_TIME, 3));

  private final ShardHarness world = new ShardHarness();
  private final List<byte[]> seen = new ArrayList<>();

  @AfterEach
  void close() {
    world.close();
  }

  private static Map<Integer, byte[]> names(String mid, String rid) {
    return Map.of(
        1, mid.getBytes(StandardCharsets.US_ASCII), 2, rid.getBytes(StandardCharsets.US_ASCII));
  }

  private void openSimulcast() {
    world.connect(1, PUBLISHER, 1000);
    world.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 2, SIMULCAST));
    world.execute(
        new ShardCommand.AddSource(
            10,
            1,
            "v",
            96,
            97,
            List.of(
                new ShardCommand.SourceLayer("q", 0, 0), new ShardCommand.SourceLayer("f", 0, 0)),
            true,
            true,
            false));
    watch(10);
  }

  private void watch(long trackId) {
    world.connect(2, VIEWER, 2000);
    world.execute(
        new ShardCommand.OpenSubscription(
            20,
            2,
            trackId,
            0x5000,
            0,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 0)),
            ExtensionMap.EMPTY));
  }

  private void send(List<byte[]> packets) {
    for (byte[] packet : packets) {
      world.receive(packet, PUBLISHER, 1000);
    }
    world.shard.onBatchEnd(world.nowNs);
    for (RecordingSink.Datagram datagram : world.sink.take()) {
      if (datagram.port() == 2000 && RtpPackets.isRtp(datagram.bytes())) {
        seen.add(datagram.bytes());
      }
    }
  }

  /** Sequence numbers without a gap, picture ids by one a frame, timestamps in real time. */
  private void assertContinuous(long frameNs) {
    for (int i = 1; i < seen.size(); i++) {
      byte[] before = seen.get(i - 1);
      byte[] now = seen.get(i);
      assertEquals(
          RtpPackets.sequence(before) + 1 & 0xFFFF, RtpPackets.sequence(now), "packet " + i);
      boolean newFrame = (before[1] & 0x80) != 0;
      int step = RtpPackets.timestamp(now) - RtpPackets.timestamp(before);
      int pictureStep = pictureId(now) - pictureId(before) & 0x7FFF;
      int tl0Step = now[12 + 4] - before[12 + 4] & 0xFF;
      assertEquals(newFrame ? 1 : 0, pictureStep, "picture id at packet " + i);
      assertEquals(newFrame ? 1 : 0, tl0Step, "TL0PICIDX at packet " + i);
      if (newFrame) {
        long expected = frameNs * 90 / 1_000_000;
        assertTrue(Math.abs(step - expected) < 40 || i < 9, "timestamp step " + step + " at " + i);
      } else {
        assertEquals(0, step, "timestamp inside a frame at " + i);
      }
    }
  }

  private static int pictureId(byte[] packet) {
    return ByteBuffer.wrap(packet).getShort(14) & 0x7FFF;
  }

  @Test
  void aLayerSwitchIsSeamless() {
    openSimulcast();
    Publisher low = new Publisher(0xAAAA, 0, 96, 65_500, names("v", "q"));
    Publisher high = new Publisher(0xBBBB, 0, 96, 17, names("v", "f"));
    for (int i = 0; i < 30; i++) {
      send(low.frame(i == 0));
      world.advance(33 * MS);
    }
    assertEquals(120, seen.size());
    // The high layer starts without a keyframe: the viewer stays, the shard asks.
    for (int i = 0; i < 3; i++) {
      send(low.frame(false));
      send(high.frame(false));
      world.advance(33 * MS);
    }
    assertEquals(132, seen.size());
    assertEquals(1, world.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT));
    for (int i = 0; i < 30; i++) {
      send(high.frame(i == 0));
      send(low.frame(false));
      world.advance(33 * MS);
    }
    assertEquals(252, seen.size());
    // The high layer ends: the viewer goes down at the next keyframe.
    for (int i = 0; i < 60; i++) {
      send(low.frame(i == 45));
      world.advance(33 * MS);
    }
    assertEquals(252 + 15 * 4, seen.size());
    List<byte[]> all = List.copyOf(seen);
    seen.retainAll(all.subList(0, 252));
    assertContinuous(33 * MS);
    assertEquals(RtpPackets.sequence(all.get(251)) + 1 & 0xFFFF, RtpPackets.sequence(all.get(252)));
    assertEquals(0, world.drops());
  }

  @Test
  void aViewerWhoWantsALowerLayerChangesAtItsKeyframesAndBackAgain() {
    openSimulcast();
    Publisher low = new Publisher(0xAAAA, 0, 96, 65_500, names("v", "q"));
    Publisher high = new Publisher(0xBBBB, 0, 96, 17, names("v", "f"));
    int headStart = 1_000;
    for (int i = 0; i < headStart; i++) {
      low.frame(false);
    }
    for (int i = 0; i < 100; i++) {
      if (i == 20) {
        world.execute(new ShardCommand.LimitLayer(20, 0));
      } else if (i == 60) {
        world.execute(new ShardCommand.LimitLayer(20, Integer.MAX_VALUE));
      }
      List<byte[]> ofHigh = high.frame(i == 0 || i == 70);
      List<byte[]> ofLow = low.frame(i == 0 || i == 30);
      boolean lowFirst = i > 0 && i < 50; // so that a frame is not shown in both sizes
      send(lowFirst ? ofLow : ofHigh);
      send(lowFirst ? ofHigh : ofLow);
      int body = RtpPackets.bodyOf(seen.getLast(), RtpPackets.headerLength(seen.getLast()));
      boolean isLow = body >= headStart * Publisher.PACKETS_PER_FRAME;
      assertEquals(i >= 30 && i < 70, isLow, "frame " + i);
      world.advance(33 * MS);
    }
    assertEquals(400, seen.size());
    assertContinuous(33 * MS);
    assertEquals(0, world.drops());
    assertEquals(0, world.counters.get(ShardCounter.COMMANDS_STALE));
    world.execute(new ShardCommand.LimitLayer(21, 0));
    assertEquals(1, world.counters.get(ShardCounter.COMMANDS_STALE));
  }

  @Test
  void layersTellWhetherTheyFlow() {
    openSimulcast();
    Publisher low = new Publisher(0xAAAA, 0, 96, 1, names("v", "q"));
    Publisher high = new Publisher(0xBBBB, 0, 96, 1, names("v", "f"));
    send(high.frame(true));
    for (int i = 0; i < 40; i++) {
      send(low.frame(i == 0));
      world.advance(33 * MS);
    }
    List<ShardCommand.LayerState> told = new ArrayList<>();
    world.execute(new ShardCommand.TellLayers(10, told::addAll));
    assertEquals(List.of(true, false), told.stream().map(it -> it.flowing()).toList());
    told.clear();
    world.execute(new ShardCommand.TellLayers(11, told::addAll));
    assertEquals(List.of(), told);
  }

  @Test
  void aLayerThatStopsIsLeftWithinHalfASecond() {
    openSimulcast();
    Publisher low = new Publisher(0xAAAA, 0, 96, 1, names("v", "q"));
    Publisher high = new Publisher(0xBBBB, 0, 96, 1, names("v", "f"));
    for (int i = 0; i < 10; i++) {
      send(high.frame(i == 0));
      send(low.frame(i == 0));
      world.advance(33 * MS);
    }
    assertEquals(40, seen.size());
    // A keyframe before there is any doubt changes nothing.
    for (int i = 0; i < 14; i++) {
      send(low.frame(i == 6));
      world.advance(33 * MS);
    }
    assertEquals(40, seen.size());
    assertEquals(1, world.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT));
    send(low.frame(true));
    assertEquals(44, seen.size());
  }

  @Test
  void aPauseOfAllLayersIsNoneOfTheHighest() {
    openSimulcast();
    Publisher low = new Publisher(0xAAAA, 0, 96, 1, names("v", "q"));
    Publisher high = new Publisher(0xBBBB, 0, 96, 1, names("v", "f"));
    for (int i = 0; i < 10; i++) {
      send(low.frame(i == 0));
      send(high.frame(i == 0));
      world.advance(33 * MS);
    }
    long sent = seen.size();
    world.advance(800 * MS);
    // The lower layer happens to be first, with a keyframe too.
    send(low.frame(true));
    assertEquals(sent, seen.size());
    send(high.frame(false));
    assertEquals(sent + 4, seen.size());
  }

  @Test
  void aMoveToTheNextEpochIsSeamless() {
    world.connect(1, PUBLISHER, 1000);
    open(10, 0x111);
    watch(10);
    Publisher first = new Publisher(0x111, 0, 96, 9_000, Map.of());
    for (int i = 0; i < 20; i++) {
      send(first.frame(i == 0));
      world.advance(33 * MS);
    }
    world.execute(new ShardCommand.CloseTrack(10));
    world.advance(500 * MS);
    open(11, 0x222);
    world.execute(new ShardCommand.MoveSubscription(20, 11));
    Publisher second = new Publisher(0x222, 0, 96, 30, Map.of());
    int before = seen.size();
    for (int i = 0; i < 20; i++) {
      send(second.frame(i == 0));
      world.advance(33 * MS);
    }
    assertEquals(2 * before, seen.size());
    int gap = RtpPackets.timestamp(seen.get(before)) - RtpPackets.timestamp(seen.get(before - 1));
    assertTrue(Math.abs(gap - 533 * 90) < 100, "the viewer's clock ran on: " + gap);
    assertEquals(
        RtpPackets.sequence(seen.get(before - 1)) + 1 & 0xFFFF,
        RtpPackets.sequence(seen.get(before)));
    assertEquals(pictureId(seen.get(before - 1)) + 1 & 0x7FFF, pictureId(seen.get(before)));
  }

  private void open(long trackId, int ssrc) {
    world.execute(new ShardCommand.OpenTrack(trackId, Codec.VP8, 1, ExtensionMap.EMPTY));
    world.execute(
        new ShardCommand.AddSource(
            trackId,
            1,
            null,
            96,
            0,
            List.of(new ShardCommand.SourceLayer(null, ssrc, 0)),
            true,
            true,
            false));
  }

  @Test
  void aViewerWithoutRtxIsResentTheSameBytes() {
    world.connect(1, PUBLISHER, 1000);
    open(10, 0x111);
    watch(10);
    Publisher publisher = new Publisher(0x111, 0, 96, 9_000, Map.of());
    for (int i = 0; i < 20; i++) {
      send(publisher.frame(i == 0));
      world.advance(33 * MS);
    }
    byte[] lost = seen.get(70);
    nack(lost);
    List<RecordingSink.Datagram> again = world.sink.take();
    assertEquals(1, again.size());
    assertArrayEquals(lost, again.get(0).bytes());
    nack(lost);
    assertEquals(0, world.sink.take().size(), "not again within a moment");
    world.advance(30 * MS);
    world.sink.take();
    nack(lost);
    assertEquals(1, world.sink.take().size());
    assertEquals(2, world.counters.get(ShardCounter.RESENT_OUT));
  }

  private void nack(byte[] packet) {
    MemorySegment scratch = MemorySegment.ofArray(new byte[64]);
    long[] sequences = {RtpPackets.sequence(packet)};
    int length = RtcpWriter.receiverReport(scratch, 0, 1);
    length += RtcpWriter.nack(scratch, length, 1, 0x5000, sequences, 0, 1);
    byte[] bytes = scratch.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE);
    world.deliver(bytes, VIEWER, 2000);
  }

  @Test
  void anUnknownSsrcOrRidIsDropped() {
    openSimulcast();
    Publisher stranger = new Publisher(0xCCCC, 0, 96, 1, names("v", "x"));
    send(stranger.frame(true));
    assertEquals(4, world.counters.get(DropReason.RTP_UNKNOWN_SSRC));
    Publisher wrongType = new Publisher(0xDDDD, 0, 99, 1, names("v", "f"));
    send(wrongType.frame(true));
    assertEquals(8, world.counters.get(DropReason.RTP_UNKNOWN_SSRC));
  }
}
