package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What left up to two seconds ago can be asked for again, at whatever rate. */
class RepairReachTest {
  private static final long MS = 1_000_000L;
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final int PORT = 9;
  private static final int SSRC = 0x7001;
  private static final int PACKET = 1_150;
  private static final int FPS = 30;

  /** A packet by the viewer's number: what it says of itself, and when it left. */
  private record Sent(int number, int body, long atNs) {}

  private final List<Sent> sent = new ArrayList<>();
  private int sequence = 65_000;
  private int body;

  private void open(ShardHarness node) {
    node.connect(1, PUBLISHER, PORT);
    node.connect(2, VIEWER, PORT);
    node.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ExtensionMap.EMPTY));
    var layers = List.of(new ShardCommand.SourceLayer(null, 0x3001, 0));
    node.execute(new ShardCommand.AddSource(10, 1, null, 96, 0, layers, true, true, false));
    node.execute(
        new ShardCommand.OpenSubscription(
            20,
            2,
            10,
            SSRC,
            SSRC + 1,
            "reach",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 121)),
            ExtensionMap.EMPTY));
  }

  /** Publishes so many bits a second, in packets of equal size. */
  private void publish(ShardHarness node, int seconds, int bps) {
    int perFrame = bps / 8 / PACKET / FPS;
    for (int frame = 0; frame < seconds * FPS; frame++) {
      for (int i = 0; i < perFrame; i++) {
        byte[] payload =
            RtpPackets.vp8(i == 0, frame == 0, frame & 0x7FFF, frame & 0xFF, PACKET, body++);
        boolean last = i == perFrame - 1;
        node.deliver(
            RtpPackets.packet(
                0x3001, 96, sequence++ & 0xFFFF, frame * 3_000, last, Map.of(), payload),
            PUBLISHER,
            PORT);
      }
      node.advance(1_000 * MS / FPS);
      for (RecordingSink.Datagram datagram : node.sink.take()) {
        byte[] packet = datagram.bytes();
        if (datagram.low() == VIEWER && RtpPackets.isRtp(packet)) {
          int number = RtpPackets.sequence(packet);
          int at = RtpPackets.headerLength(packet);
          sent.add(new Sent(number, RtpPackets.bodyOf(packet, at), node.nowNs));
        }
      }
    }
  }

  /** What is repeated when a viewer asks for a packet, or -1. */
  private static int askFor(ShardHarness node, int number) {
    MemorySegment nack = MemorySegment.ofArray(new byte[100]);
    int length = RtcpWriter.receiverReport(nack, 0, 1);
    long[] asked = {number};
    length += RtcpWriter.nack(nack, length, 1, SSRC, asked, 0, 1);
    node.deliver(nack.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE), VIEWER, PORT);
    for (RecordingSink.Datagram datagram : node.sink.take()) {
      byte[] packet = datagram.bytes();
      if (RtpPackets.isRtp(packet) && RtpPackets.payloadType(packet) == 121) {
        return RtpPackets.bodyOf(packet, RtpPackets.headerLength(packet) + 2);
      }
    }
    return -1;
  }

  @ParameterizedTest
  @ValueSource(ints = {2_500_000, 6_000_000, 8_000_000, 12_000_000})
  void whatLeftTwoSecondsAgoIsRepeated(int bps) {
    try (ShardHarness node = new ShardHarness()) {
      open(node);
      publish(node, 3, bps);
      assertEquals(body, sent.size(), "all came once");
      int asked = 0;
      for (Sent packet : sent) {
        long ageNs = node.nowNs - packet.atNs();
        if (ageNs > 1_900 * MS && ageNs <= 1_966 * MS) {
          assertEquals(
              packet.body(), askFor(node, packet.number()), bps + " bit/s, " + ageNs / MS + " ms");
          asked++;
        }
      }
      assertTrue(asked > 8, asked + " asked for");
      assertEquals(0, node.counters.get(ShardCounter.KEPT_SHORT));
    }
  }

  @Test
  void withoutRoomTheCacheStaysAsItIsAndThatIsCounted() {
    ShardConfig config = ShardConfig.standard(ShardHarness.WALL).among(Integer.MAX_VALUE);
    try (ShardHarness node = new ShardHarness(1, config)) {
      open(node);
      publish(node, 3, 8_000_000);
      assertEquals(body, sent.size());
      long agoNs = 0;
      for (Sent packet : sent) {
        if (askFor(node, packet.number()) == packet.body()) {
          agoNs = node.nowNs - packet.atNs();
          break;
        }
      }
      assertTrue(agoNs > 1_000 * MS && agoNs < 1_300 * MS, agoNs / MS + " ms");
      node.advance(1_000 * MS);
      assertTrue(node.counters.get(ShardCounter.KEPT_SHORT) > 1_000);
    }
  }

  @Test
  void roomThatAStreamTookIsThereForTheNext() {
    ShardConfig standard = ShardConfig.standard(ShardHarness.WALL);
    ShardConfig one = standard.among((int) (standard.cacheGrowthBytes() / (1_024 * 1_536)));
    try (ShardHarness node = new ShardHarness(1, one)) {
      open(node);
      publish(node, 3, 8_000_000);
      assertEquals(0, node.counters.get(ShardCounter.KEPT_SHORT));
      node.execute(new ShardCommand.CloseTrack(10));
      node.execute(new ShardCommand.CloseSubscription(20));
      node.execute(new ShardCommand.CloseTransport(1));
      node.execute(new ShardCommand.CloseTransport(2));
      node.sink.take();
      sent.clear();
      open(node);
      publish(node, 3, 8_000_000);
      assertEquals(0, node.counters.get(ShardCounter.KEPT_SHORT));
    }
  }

  @Test
  void numbersThatJumpTakeNoRoom() {
    try (ShardHarness node = new ShardHarness()) {
      open(node);
      for (int i = 0; i < 20_000; i++) {
        byte[] payload = RtpPackets.vp8(true, i == 0, i & 0x7FFF, i & 0xFF, 100, i);
        node.deliver(
            RtpPackets.packet(0x3001, 96, i * 1_024 & 0xFFFF, i * 3_000, true, Map.of(), payload),
            PUBLISHER,
            PORT);
      }
      node.advance(1_000 * MS);
      assertEquals(0, node.counters.get(ShardCounter.KEPT_SHORT));
    }
  }
}
