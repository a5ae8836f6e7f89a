package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A publisher's packets through one shard to viewers. */
class ShardForwardingTest {
  private static final long PUBLISHER = ShardHarness.V4 | 0x7F000001L;
  private static final long VIEWER = ShardHarness.V4 | 0x7F000002L;
  private static final int VIEWER_SSRC = 0x5000;
  private static final int VIEWER_RTX = 0x5001;
  private static final ExtensionMap OUT = new ExtensionMap(Map.of(ExtensionKind.MID, 4));

  private final ShardHarness world = new ShardHarness();

  @AfterEach
  void close() {
    world.close();
  }

  private Publisher publish() {
    return publish(true);
  }

  private Publisher publish(boolean takesRequests) {
    world.connect(1, PUBLISHER, 1000);
    world.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ExtensionMap.EMPTY));
    world.execute(
        new ShardCommand.AddSource(
            10,
            1,
            null,
            96,
            97,
            List.of(new ShardCommand.SourceLayer(null, 0x111, 0x112)),
            true,
            takesRequests,
            false));
    return new Publisher(0x111, 0x112, 96, 65_530, Map.of());
  }

  private void watch(long subscriptionId, long transportId, int port) {
    world.connect(transportId, VIEWER, port);
    world.execute(
        new ShardCommand.OpenSubscription(
            subscriptionId,
            transportId,
            10,
            VIEWER_SSRC,
            VIEWER_RTX,
            "stream",
            "1",
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 121)),
            OUT));
  }

  private List<byte[]> rtpTo(int port) {
    return world.sink.take().stream()
        .filter(d -> d.port() == port && RtpPackets.isRtp(d.bytes()))
        .map(RecordingSink.Datagram::bytes)
        .toList();
  }

  private void send(List<byte[]> packets) {
    for (byte[] packet : packets) {
      world.receive(packet, PUBLISHER, 1000);
    }
    world.shard.onBatchEnd(world.nowNs);
  }

  @Test
  void aKeyframeAndWhatFollowsReachesTheViewerInOrder() {
    Publisher publisher = publish();
    watch(20, 2, 2000);
    world.sink.take();
    send(publisher.frame(true));
    List<byte[]> key = rtpTo(2000);
    assertEquals(4, key.size());
    int first = RtpPackets.sequence(key.get(0));
    for (int i = 0; i < 4; i++) {
      byte[] packet = key.get(i);
      assertEquals(VIEWER_SSRC, RtpPackets.ssrc(packet));
      assertEquals(120, RtpPackets.payloadType(packet));
      assertEquals(first + i, RtpPackets.sequence(packet));
      assertEquals(i, RtpPackets.bodyOf(packet, RtpPackets.headerLength(packet)));
      assertEquals(i == 3, (packet[1] & 0x80) != 0);
      assertEquals(0x40 | 0, packet[16] & 0xFF, "one-byte extension: MID of one character");
      assertEquals('1', packet[17]);
    }
    int timestamp = RtpPackets.timestamp(key.get(0));
    for (int frame = 1; frame < 40; frame++) {
      world.advance(33 * ShardHarness.MS);
      send(publisher.frame(false));
      List<byte[]> got = rtpTo(2000);
      assertEquals(4, got.size(), "frame " + frame);
      assertEquals(first + 4 * frame, RtpPackets.sequence(got.get(0)));
      timestamp += frame == 1 ? RtpPackets.timestamp(got.get(0)) - timestamp : 3000;
      assertEquals(timestamp, RtpPackets.timestamp(got.get(0)));
    }
    assertTrue(world.events.contains(new ShardEvent.SourceFlowing(10, 1)));
    assertTrue(world.events.contains(new ShardEvent.SubscriptionFlowing(20)));
    assertEquals(0, world.drops());
  }

  @Test
  void aViewerWithoutAKeyframeAsksForOneAndWaits() {
    Publisher publisher = publish();
    send(publisher.frame(true));
    world.advance(1100 * ShardHarness.MS);
    send(publisher.frame(false));
    world.sink.take();
    watch(20, 2, 2000);
    world.advance(10 * ShardHarness.MS);
    send(publisher.frame(false));
    List<RecordingSink.Datagram> sent = world.sink.take();
    long requests = sent.stream().filter(ShardForwardingTest::isPictureLoss).count();
    assertEquals(1, requests);
    assertTrue(sent.stream().noneMatch(d -> d.port() == 2000 && RtpPackets.isRtp(d.bytes())));
    send(publisher.frame(true));
    assertEquals(4, rtpTo(2000).size());
  }

  private static boolean isPictureLoss(RecordingSink.Datagram datagram) {
    byte[] b = datagram.bytes();
    // An empty receiver report of 8 bytes, then PSFB with format 1.
    return RtpPackets.isRtcp(b) && b.length == 20 && (b[9] & 0xFF) == 206 && (b[8] & 31) == 1;
  }

  @Test
  void aYoungKeyframeIsServedFromTheCache() {
    Publisher publisher = publish();
    send(publisher.frame(true));
    for (int i = 0; i < 20; i++) {
      world.advance(33 * ShardHarness.MS);
      send(publisher.frame(false));
    }
    world.sink.take();
    watch(20, 2, 2000);
    world.shard.onBatchEnd(world.nowNs);
    List<byte[]> got = new ArrayList<>(rtpTo(2000));
    assertEquals(8, got.size(), "the keyframe and the next frame at once");
    world.advance(20 * ShardHarness.MS);
    got.addAll(rtpTo(2000));
    assertTrue(got.size() >= 24 && got.size() <= 32, "8 times as fast: " + got.size());
    world.advance(70 * ShardHarness.MS);
    got.addAll(rtpTo(2000));
    assertEquals(84, got.size());
    int span = RtpPackets.timestamp(got.get(83)) - RtpPackets.timestamp(got.get(0));
    assertTrue(span >= 0 && span < 6000, "a replay is squeezed to the live edge: " + span);
    assertEquals(0, world.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT));
  }

  @Test
  void anOldKeyframeServesWhereNoOtherIsToBeHad() {
    Publisher publisher = publish(false);
    send(publisher.frame(true));
    for (int i = 0; i < 100; i++) {
      world.advance(33 * ShardHarness.MS);
      send(publisher.frame(false));
    }
    world.sink.take();
    watch(20, 2, 2000);
    List<byte[]> got = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      world.advance(33 * ShardHarness.MS);
      send(publisher.frame(false));
      got.addAll(rtpTo(2000));
    }
    assertEquals(4 * 121, got.size(), "from the keyframe to the live edge");
    for (int i = 1; i < got.size(); i++) {
      int step = RtpPackets.sequence(got.get(i)) - RtpPackets.sequence(got.get(i - 1));
      assertEquals(1, step & 0xFFFF);
    }
    assertEquals(0, world.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT));
  }

  @Test
  void anIgnoredRequestMakesWayForTheCachedKeyframe() {
    Publisher publisher = publish(true);
    send(publisher.frame(true));
    for (int i = 0; i < 60; i++) {
      world.advance(33 * ShardHarness.MS);
      send(publisher.frame(false));
    }
    watch(20, 2, 2000);
    int frames = 0;
    while (rtpTo(2000).isEmpty() && frames < 60) {
      world.advance(33 * ShardHarness.MS);
      send(publisher.frame(false));
      frames++;
    }
    assertTrue(frames > 28 && frames < 34, "a second of asking, then what there is: " + frames);
  }

  @Test
  void aHundredViewersWaitingCauseOneRequest() {
    Publisher publisher = publish();
    send(publisher.frame(false));
    for (int i = 0; i < 100; i++) {
      watch(100 + i, 200 + i, 3000 + i);
    }
    for (int i = 0; i < 12; i++) {
      world.advance(33 * ShardHarness.MS);
      send(publisher.frame(false));
    }
    assertEquals(1, world.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT));
    world.advance(200 * ShardHarness.MS);
    assertEquals(2, world.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT));
  }

  @Test
  void mediaFromAnAddressThatNoCheckValidatedIsDropped() {
    Publisher publisher = publish();
    world.deliver(publisher.frame(true).get(0), PUBLISHER, 1001);
    assertEquals(1, world.counters.get(DropReason.UNKNOWN_PEER));
    assertEquals(0, world.counters.get(ShardCounter.RTP_PACKETS_IN));
  }

  @Test
  void audioFlowsAtOnceAheadOfVideoWithItsExtensions() {
    Publisher video = publish();
    ExtensionMap in =
        new ExtensionMap(
            Map.of(
                ExtensionKind.AUDIO_LEVEL, 2,
                ExtensionKind.ABS_CAPTURE_TIME, 3,
                ExtensionKind.ABS_SEND_TIME, 5));
    world.execute(new ShardCommand.OpenTrack(11, Codec.OPUS, 1, in));
    world.execute(
        new ShardCommand.AddSource(
            11,
            1,
            null,
            111,
            0,
            List.of(new ShardCommand.SourceLayer(null, 0x333, 0)),
            true,
            false,
            false));
    watch(20, 2, 2000);
    world.execute(
        new ShardCommand.OpenSubscription(
            21,
            2,
            11,
            0x6000,
            0,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.OPUS, 109, 0)),
            new ExtensionMap(
                Map.of(ExtensionKind.AUDIO_LEVEL, 9, ExtensionKind.ABS_SEND_TIME, 10))));
    byte[] sound = {0x78, 1, 2, 3, 4, 5, 6};
    Map<Integer, byte[]> extensions =
        Map.of(2, new byte[] {0x55}, 3, new byte[8], 5, new byte[] {1, 2, 3});
    for (byte[] packet : video.frame(true)) {
      world.receive(packet, PUBLISHER, 1000);
    }
    world.receive(
        RtpPackets.packet(0x333, 111, 40_000, 960, false, extensions, sound), PUBLISHER, 1000);
    world.shard.onBatchEnd(world.nowNs);
    List<byte[]> got = rtpTo(2000);
    assertEquals(5, got.size());
    byte[] audio = got.getFirst();
    assertEquals(0x6000, RtpPackets.ssrc(audio), "audio waits for no video");
    assertEquals(109, RtpPackets.payloadType(audio));
    assertEquals(20, RtpPackets.headerLength(audio), "one element of one byte");
    assertEquals(9 << 4, audio[16] & 0xFF);
    assertEquals(0x55, audio[17]);
    assertEquals(0x78, audio[20]);
    assertEquals(27, audio.length);
  }
}
