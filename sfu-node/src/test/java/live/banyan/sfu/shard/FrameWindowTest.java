package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The beginning of a frame waits for its rest where many watch, and only there. */
class FrameWindowTest {
  private static final long PUBLISHER = ShardHarness.V4 | 0x7F000001L;
  private static final long VIEWER = ShardHarness.V4 | 0x7F000002L;
  private static final long WINDOW_MAX_NS = ShardHarness.MS / 2;
  private static final int MANY = 60;

  private final ShardHarness world = new ShardHarness();
  private final Publisher video = new Publisher(0x111, 0x112, 96, 100, Map.of());

  @AfterEach
  void close() {
    world.close();
  }

  private void open(int viewers) {
    world.connect(1, PUBLISHER, 1000);
    track(10, Codec.VP8, 96, 0x111);
    track(11, Codec.OPUS, 111, 0x222);
    for (int i = 0; i < viewers; i++) {
      world.connect(100 + i, VIEWER, 2000 + i);
      subscribe(1000 + i, 100 + i, 10, Codec.VP8, 0x5000);
      subscribe(3000 + i, 100 + i, 11, Codec.OPUS, 0x6000);
    }
    send(video.frame(true));
    world.advance(33 * ShardHarness.MS);
    world.sink.take();
  }

  private void track(long id, Codec codec, int payloadType, int ssrc) {
    world.execute(new ShardCommand.OpenTrack(id, codec, 1, ExtensionMap.EMPTY));
    world.execute(
        new ShardCommand.AddSource(
            id,
            1,
            null,
            payloadType,
            0,
            List.of(new ShardCommand.SourceLayer(null, ssrc, 0)),
            false,
            true,
            false));
  }

  private void subscribe(long id, long transport, long track, Codec codec, int ssrc) {
    world.execute(
        new ShardCommand.OpenSubscription(
            id,
            transport,
            track,
            ssrc,
            0,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(codec, 120, 0)),
            ExtensionMap.EMPTY));
  }

  private void send(List<byte[]> packets) {
    for (byte[] packet : packets) {
      world.receive(packet, PUBLISHER, 1000);
    }
    world.shard.onBatchEnd(world.nowNs);
  }

  private List<RecordingSink.Datagram> sent() {
    return world.sink.take().stream().filter(d -> RtpPackets.isRtp(d.bytes())).toList();
  }

  @Test
  void aFrameThatComesInTwoBatchesLeavesInOneRunPerViewer() {
    open(MANY);
    List<byte[]> frame = video.frame(false);
    send(frame.subList(0, 2));
    assertEquals(0, sent().size(), "the beginning waits");
    send(frame.subList(2, 4));
    List<RecordingSink.Datagram> sent = sent();
    assertEquals(4 * MANY, sent.size(), "its end releases it at once");
    for (int i = 0; i < sent.size(); i++) {
      assertEquals(sent.get(i - i % 4).port(), sent.get(i).port(), "packet " + i);
    }
  }

  @Test
  void aFrameWhoseEndDoesNotComeLeavesWhenTheWindowIsOver() {
    open(MANY);
    send(video.frame(false).subList(0, 2));
    assertTrue(world.shard.nextDeadlineNs() - world.nowNs <= WINDOW_MAX_NS, "the timer is set");
    world.advance(WINDOW_MAX_NS);
    assertEquals(2 * MANY, sent().size());
  }

  @Test
  void theWindowEndsWithItsFirstPacketsWaitHoweverManyFollow() {
    open(MANY);
    List<byte[]> frame = video.frame(false);
    send(frame.subList(0, 1));
    world.advance(WINDOW_MAX_NS / 20);
    send(frame.subList(1, 2));
    world.advance(WINDOW_MAX_NS - WINDOW_MAX_NS / 20);
    assertEquals(2 * MANY, sent().size());
  }

  @Test
  void audioDoesNotWaitBehindVideo() {
    open(MANY);
    send(video.frame(false).subList(0, 2));
    Publisher audio = new Publisher(0x222, 0, 111, 7, Map.of());
    send(audio.frame(false).subList(0, 1));
    assertEquals(MANY, sent().size());
  }

  @Test
  void packetsThatAreNearlyEqualAreMadeEqual() {
    open(1);
    List<byte[]> frame = video.frame(false);
    send(frame);
    List<RecordingSink.Datagram> sent = sent();
    assertEquals(4, sent.size());
    for (int i = 0; i < 4; i++) {
      byte[] packet = sent.get(i).bytes();
      int padding = 3 - i; // the publisher's packets have 900, 901, 902 and 903 bytes of payload
      assertEquals(12 + 903, packet.length, "packet " + i);
      assertEquals(padding > 0, (packet[0] & 0x20) != 0, "padding bit of packet " + i);
      if (padding > 0) {
        assertEquals(padding, packet[packet.length - 1], "padding of packet " + i);
      }
      assertEquals(
          RtpPackets.bodyOf(frame.get(i), 12), RtpPackets.bodyOf(packet, 12), "payload " + i);
    }
  }

  @Test
  void aPacketOfItsOwnIsNotPadded() {
    open(1);
    for (byte[] packet : video.frame(false)) {
      send(List.of(packet));
      assertEquals(packet.length, sent().getFirst().bytes().length);
    }
  }

  @Test
  void aBusyShardHoldsWhatFewWatchToo() {
    open(8);
    for (int i = 0; i < 30; i++) {
      send(video.frame(false));
      world.advance(8 * ShardHarness.MS);
    }
    world.sink.take();
    List<byte[]> frame = video.frame(false);
    send(frame.subList(0, 2));
    assertEquals(0, sent().size(), "4,000 packets a second are work enough");
    send(frame.subList(2, 4));
    assertEquals(4 * 8, sent().size());
    world.advance(1_000 * ShardHarness.MS);
    world.sink.take();
    send(video.frame(false).subList(0, 2));
    assertEquals(2 * 8, sent().size(), "after a pause nothing waits");
  }

  @Test
  void aBusyShardRestsBetweenFramesAndNotWithinThem() {
    open(MANY);
    for (int i = 0; i < 10; i++) {
      send(video.frame(false));
      world.advance(33 * ShardHarness.MS);
    }
    long restNs = world.shard.restNs(world.nowNs);
    assertTrue(restNs > 0 && restNs + WINDOW_MAX_NS <= 2 * ShardHarness.MS, restNs + " ns");
    send(video.frame(false).subList(0, 2));
    assertEquals(0, world.shard.restNs(world.nowNs), "the rest of the frame is on its way");
    world.advance(1_000 * ShardHarness.MS);
    assertEquals(0, world.shard.restNs(world.nowNs), "nothing is forwarded any more");
  }

  @Test
  void whereFewWatchNothingWaits() {
    open(3);
    assertEquals(0, world.shard.restNs(world.nowNs));
    send(video.frame(false).subList(0, 1));
    assertEquals(3, sent().size());
  }
}
