package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a silent speaker's packets look like (Opus DTX), and that a node sees no fault in them. */
class SilencesTest {
  private static final long MS = ShardHarness.MS;
  private static final long SENDER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final ShardEvent SILENT = new ShardEvent.SourceSilent(10, 1);

  private final ShardHarness world = new ShardHarness();
  private final IdentityCipher sealing = new IdentityCipher(true);
  private boolean relayed;
  private int sequence = 65_400;
  private int timestamp = -48_000;
  private final List<Integer> sentTimestamps = new ArrayList<>();

  @AfterEach
  void close() {
    world.close();
  }

  private void open(boolean relayed) {
    this.relayed = relayed;
    if (relayed) {
      world.link(1, SENDER, 1000);
    } else {
      world.connect(1, SENDER, 1000);
    }
    world.execute(
        new ShardCommand.OpenTrack(
            10, Codec.OPUS, 1, relayed ? ExtensionMap.RELAY : ExtensionMap.EMPTY));
    world.execute(
        new ShardCommand.AddSource(
            10,
            1,
            null,
            111,
            112,
            List.of(new ShardCommand.SourceLayer(null, 0x333, 0x334)),
            true,
            false,
            false));
    world.connect(2, VIEWER, 2000);
    world.execute(
        new ShardCommand.OpenSubscription(
            20,
            2,
            10,
            0x6000,
            0,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.OPUS, 109, 0)),
            ExtensionMap.EMPTY));
    world.sink.take();
  }

  /** Lets a time pass, then sends the sound's next packet. */
  private void sound(long ms, int length) {
    alive(ms);
    timestamp += (int) ms * 48;
    byte[] packet =
        RtpPackets.packet(
            0x333, 111, sequence++ & 0xFFFF, timestamp, false, Map.of(), new byte[length]);
    sentTimestamps.add(timestamp);
    world.deliver(relayed ? sealing.seal(packet) : packet, SENDER, 1000);
  }

  private void alive(long ms) {
    byte[] report = {(byte) 0x80, (byte) 201, 0, 1, 0, 0, 0, 1};
    world.advance(ms * MS);
    world.deliver(report.clone(), SENDER, 1000);
    world.deliver(report.clone(), VIEWER, 2000);
  }

  /** As libwebrtc sends it: one empty frame, then every 400 ms a full one and an empty one. */
  private void pause(int times) {
    sound(20, 1);
    for (int i = 0; i < times; i++) {
      sound(400, 40);
      sound(20, 1);
    }
  }

  private void speak(int packets) {
    for (int i = 0; i < packets; i++) {
      sound(20, 80);
    }
  }

  @ParameterizedTest(name = "relayed {0}")
  @ValueSource(booleans = {true, false})
  void pausesOfASpeakerAreNeitherLossNorTheEndOfASource(boolean relayed) {
    open(relayed);
    for (int round = 0; round < 10; round++) {
      speak(100);
      pause(12);
    }
    assertFalse(world.events.contains(SILENT));
    assertEquals(0, world.counters.get(ShardCounter.NACKED_OUT));
    assertEquals(0, world.counters.get(ShardCounter.REPAIRS_GIVEN_UP));
    assertEquals(0, world.counters.get(DropReason.RTP_TOO_OLD));
    List<byte[]> got =
        world.sink.take().stream()
            .filter(d -> d.port() == 2000 && RtpPackets.isRtp(d.bytes()))
            .map(RecordingSink.Datagram::bytes)
            .toList();
    assertEquals(sentTimestamps.size(), got.size());
    int clock = RtpPackets.timestamp(got.getFirst()) - sentTimestamps.getFirst();
    int first = RtpPackets.sequence(got.getFirst());
    for (int i = 0; i < got.size(); i++) {
      assertEquals(sentTimestamps.get(i) + clock, RtpPackets.timestamp(got.get(i)));
      assertEquals(first + i & 0xFFFF, RtpPackets.sequence(got.get(i)));
    }
  }

  @Test
  void aPauseWhoseEmptyFrameWasLostIsKnownFromTheNext() {
    open(true);
    speak(50);
    sound(20, 1);
    for (int i = 0; i < 20; i++) {
      sound(400, 40); // its empty frame is lost each time
      speak(30);
    }
    assertFalse(world.events.contains(SILENT));
  }

  @Test
  void theEndOfASourceThatPausesIsSeenAfterASecond() {
    open(true);
    speak(50);
    pause(3);
    alive(900);
    assertFalse(world.events.contains(SILENT));
    alive(300);
    assertTrue(world.events.contains(SILENT));
  }

  @Test
  void theEndOfASourceThatNeverPausedIsSeenAtOnce() {
    open(true);
    speak(100);
    alive(200);
    assertTrue(world.events.contains(SILENT));
  }
}
