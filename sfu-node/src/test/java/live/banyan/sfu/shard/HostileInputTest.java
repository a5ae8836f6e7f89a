package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What strangers and broken peers send: counted, never thrown, never answered beyond the RFCs. */
class HostileInputTest {
  private static final long PEER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final ExtensionMap ALL =
      new ExtensionMap(
          Map.of(
              ExtensionKind.MID, 1,
              ExtensionKind.RID, 2,
              ExtensionKind.TRANSPORT_SEQUENCE, 3,
              ExtensionKind.ABS_CAPTURE_TIME, 4,
              ExtensionKind.DEPENDENCY_DESCRIPTOR, 5));

  private final ShardHarness world = new ShardHarness();

  @AfterEach
  void close() {
    world.close();
  }

  @Test
  void strangersAreCountedAndGetNoAnswer() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(1500)];
      random.nextBytes(bytes);
      world.receive(bytes, PEER, 1 + random.nextInt(60_000));
      if (i % 16 == 0) {
        world.shard.onBatchEnd(world.nowNs);
      }
    }
    assertEquals(20_000, world.drops());
    assertEquals(List.of(), world.sink.take());
    assertEquals(List.of(), world.events);
  }

  @Test
  void mutatedMediaOfAnAuthenticatedPeerNeverThrows() {
    for (Codec codec : Codec.values()) {
      int id = 1 + codec.ordinal();
      open(id, codec);
      Random random = new Random(id);
      List<byte[]> originals = originals(codec);
      for (int i = 0; i < 4_000; i++) {
        byte[] bytes = originals.get(random.nextInt(originals.size())).clone();
        if (RtpPackets.isRtp(bytes)) {
          bytes[2] = (byte) (i >> 8);
          bytes[3] = (byte) i;
        }
        for (int flips = random.nextInt(6); flips >= 0; flips--) {
          bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        byte[] cut = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length));
        world.receive(random.nextInt(3) == 0 ? cut : bytes, PEER + id * 16L, 1000);
        if (i % 8 == 0) {
          world.shard.onBatchEnd(world.nowNs);
          world.advance(3 * ShardHarness.MS);
          world.sink.take();
        }
      }
    }
    assertTrue(world.drops() > 100);
    assertTrue(world.counters.get(ShardCounter.RTP_PACKETS_IN) > 1_000);
    assertTrue(world.counters.get(ShardCounter.RTP_PACKETS_OUT) > 100);
  }

  private void open(int id, Codec codec) {
    world.connect(id, PEER + id * 16L, 1000);
    world.connect(100 + id, VIEWER + id * 16L, 2000);
    world.execute(new ShardCommand.OpenTrack(id, codec, 1, ALL));
    world.execute(
        new ShardCommand.AddSource(
            id,
            id,
            "0",
            96,
            97,
            List.of(new ShardCommand.SourceLayer(null, 0x111, 0x112)),
            true,
            true,
            false));
    world.execute(
        new ShardCommand.OpenSubscription(
            200 + id,
            100 + id,
            id,
            0x5000,
            0x5001,
            "c",
            "0",
            List.of(new ShardCommand.CodecPayload(codec, 120, 121)),
            ALL));
  }

  private static List<byte[]> originals(Codec codec) {
    Map<Integer, byte[]> extensions =
        Map.of(1, new byte[] {'0'}, 3, new byte[] {1, 2}, 4, new byte[8], 5, new byte[3]);
    List<byte[]> packets = new ArrayList<>();
    packets.addAll(new Publisher(0x111, 0x112, 96, 100, extensions).frame(true));
    byte[] payload = new byte[60];
    Arrays.fill(payload, (byte) (codec == Codec.H264 ? 0x65 : 0x0A));
    packets.add(RtpPackets.packet(0x111, 96, 200, 9_000, true, extensions, payload));
    packets.add(RtpPackets.packet(0x112, 97, 7, 9_000, true, extensions, payload));
    // Sender report, NACK, PLI, FIR, REMB-like and BYE, back to back.
    packets.add(rtcp(200, 0, 28));
    packets.add(rtcp(201, 1, 32));
    packets.add(rtcp(205, 1, 24));
    packets.add(rtcp(205, 15, 40));
    packets.add(rtcp(206, 1, 12));
    packets.add(rtcp(206, 4, 20));
    packets.add(rtcp(203, 1, 8));
    return packets;
  }

  private static byte[] rtcp(int type, int count, int length) {
    byte[] packet = new byte[length];
    packet[0] = (byte) (0x80 | count);
    packet[1] = (byte) type;
    packet[3] = (byte) (length / 4 - 1);
    packet[6] = 1;
    packet[7] = 0x11;
    return packet;
  }

  @Test
  void forgedChecksValidateNothing() {
    world.execute(
        new ShardCommand.OpenTransport(
            1, new IceCredentials("ours", "right-password-here"), new IceCredentials("peer", "p")));
    byte[] forged = StunRequests.check("ours:peer", "wrong-password-here", true);
    byte[] unknown = StunRequests.check("nobody:peer", "right-password-here", true);
    world.deliver(forged, PEER, 1000);
    for (RecordingSink.Datagram answer : world.sink.take()) {
      assertTrue(answer.bytes().length <= forged.length, "an answer may not amplify");
    }
    world.deliver(unknown, PEER, 1000);
    assertEquals(List.of(), world.sink.take());
    assertEquals(1, world.counters.get(DropReason.STUN_FORGED));
    assertEquals(1, world.counters.get(DropReason.STUN_UNKNOWN_USER));
    byte[] hello = new byte[100];
    hello[0] = 22;
    world.deliver(hello, PEER, 1000);
    assertEquals(1, world.counters.get(DropReason.UNKNOWN_PEER));
    assertEquals(List.of(), world.events);
  }

  @Test
  void errorsAreToldToSomeOfAFloodAlone() {
    world.execute(
        new ShardCommand.OpenTransport(
            1, new IceCredentials("ours", "right-password-here"), new IceCredentials("peer", "p")));
    byte[] forged = StunRequests.check("ours:peer", "wrong-password-here", true);
    for (int second = 0; second < 3; second++) {
      for (int i = 0; i < 1_000; i++) {
        world.deliver(forged, PEER + i, 1000);
      }
      assertEquals(100, world.sink.take().size(), "errors in second " + second);
      world.deliver(StunRequests.check("ours:peer", "right-password-here", false), PEER, 1000);
      assertEquals(1, world.sink.take().size(), "a true check is always answered");
      world.advance(1_000 * ShardHarness.MS);
      world.sink.take();
    }
    assertEquals(3_000, world.counters.get(DropReason.STUN_FORGED));
    assertEquals(2_700, world.counters.get(ShardCounter.STUN_ERRORS_UNSAID));
  }

  @Test
  void whatIsNotWholeDtlsRecordsGoesNoFurther() {
    world.connect(1, PEER, 1000);
    world.events.clear();
    ByteBuffer two = ByteBuffer.allocate(13 + 20 + 13 + 3);
    two.put((byte) 22).put(new byte[] {-2, -3, 0, 0, 0, 0, 0, 0, 0, 1}).putShort((short) 20);
    two.position(13 + 20);
    two.put((byte) 20).put(new byte[] {-2, -3, 0, 0, 0, 0, 0, 0, 0, 2}).putShort((short) 3);
    byte[] whole = two.array();
    world.deliver(whole, PEER, 1000);
    world.deliver(Arrays.copyOf(whole, 33), PEER, 1000);
    assertEquals(2, world.events.size());
    for (int length = 1; length < whole.length; length++) {
      if (length != 33) {
        world.deliver(Arrays.copyOf(whole, length), PEER, 1000);
      }
    }
    world.deliver(Arrays.copyOf(whole, whole.length + 1), PEER, 1000);
    byte[] otherVersion = whole.clone();
    otherVersion[1] = 3;
    world.deliver(otherVersion, PEER, 1000);
    assertEquals(2, world.events.size());
    assertEquals(whole.length, world.counters.get(DropReason.DTLS_MALFORMED));
    assertEquals(2, world.counters.get(ShardCounter.DTLS_IN));
  }

  @Test
  void replayedMediaIsDroppedOnce() {
    open(1, Codec.VP8);
    List<byte[]> frame = new Publisher(0x111, 0x112, 96, 100, Map.of()).frame(true);
    for (byte[] packet : frame) {
      world.deliver(packet, PEER + 16, 1000);
    }
    long out = world.counters.get(ShardCounter.RTP_PACKETS_OUT);
    for (byte[] packet : frame) {
      world.deliver(packet, PEER + 16, 1000);
    }
    assertEquals(4, world.counters.get(DropReason.SRTP_REPLAYED));
    assertEquals(out, world.counters.get(ShardCounter.RTP_PACKETS_OUT));
  }

  @Test
  void aFloodOfNacksIsNoAmplifier() {
    open(1, Codec.VP8);
    Publisher publisher = new Publisher(0x111, 0x112, 96, 100, Map.of());
    for (int i = 0; i < 200; i++) {
      for (byte[] packet : publisher.frame(i == 0)) {
        world.receive(packet, PEER + 16, 1000);
      }
      world.shard.onBatchEnd(world.nowNs);
      world.advance(ShardHarness.MS);
    }
    world.sink.take();
    byte[] nacks = new byte[12 + 4 * 250];
    nacks[0] = (byte) 0x81;
    nacks[1] = (byte) 205;
    nacks[2] = (byte) (250 + 2 >> 8);
    nacks[3] = (byte) (250 + 2);
    nacks[10] = 0x50;
    int first = random16(world);
    for (int i = 0; i < 250; i++) {
      int sequence = first - 17 * (i % 40);
      nacks[12 + 4 * i] = (byte) (sequence >> 8);
      nacks[13 + 4 * i] = (byte) sequence;
      nacks[14 + 4 * i] = (byte) 0xFF;
      nacks[15 + 4 * i] = (byte) 0xFF;
    }
    for (int i = 0; i < 50; i++) {
      world.deliver(nacks, VIEWER + 16, 2000);
    }
    assertTrue(
        world.counters.get(ShardCounter.RTX_OUT) <= 512,
        "repeated " + world.counters.get(ShardCounter.RTX_OUT));
    assertTrue(world.counters.get(ShardCounter.RTX_OUT) > 100);
  }

  private int random16(ShardHarness world) {
    SubscriptionStats stats = world.shard.stats(201);
    assertTrue(stats != null && stats.packets() > 700);
    Publisher next = new Publisher(0x111, 0x112, 96, 900, Map.of());
    for (byte[] packet : next.frame(false)) {
      world.receive(packet, PEER + 16, 1000);
    }
    world.shard.onBatchEnd(world.nowNs);
    int highest = 0;
    for (RecordingSink.Datagram datagram : world.sink.take()) {
      if (datagram.port() == 2000 && RtpPackets.isRtp(datagram.bytes())) {
        highest = Math.max(highest, RtpPackets.sequence(datagram.bytes()));
      }
    }
    return highest;
  }
}
