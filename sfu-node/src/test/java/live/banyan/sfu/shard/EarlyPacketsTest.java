package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Media that comes before its keys, or before its source, is kept for a moment. */
class EarlyPacketsTest {
  private static final long MS = ShardHarness.MS;
  private static final long PEER = ShardHarness.V4 | 1;
  private static final long VIEWER = ShardHarness.V4 | 2;
  private static final int SSRC = 0x111;
  private static final String PASSWORD = "password-of-this-end";

  private final ShardHarness world = new ShardHarness();
  private final Publisher publisher = new Publisher(SSRC, 0x112, 96, 65_530, Map.of());

  @AfterEach
  void close() {
    world.close();
  }

  /** A client that has passed its check but not finished its handshake. */
  private void connectWithoutKeys(long transportId, int port) {
    String ufrag = "u" + transportId;
    world.execute(
        new ShardCommand.OpenTransport(
            transportId, new IceCredentials(ufrag, PASSWORD), new IceCredentials("peer", "x")));
    world.deliver(StunRequests.check(ufrag + ":peer", PASSWORD, true), PEER, port);
  }

  private void openTrack(long trackId, long transportId, int ssrc, int payloadType) {
    world.execute(new ShardCommand.OpenTrack(trackId, Codec.VP8, 1, ExtensionMap.EMPTY));
    addSource(trackId, transportId, ssrc, payloadType);
  }

  private void addSource(long trackId, long transportId, int ssrc, int payloadType) {
    world.execute(
        new ShardCommand.AddSource(
            trackId,
            transportId,
            null,
            payloadType,
            payloadType + 1,
            List.of(new ShardCommand.SourceLayer(null, ssrc, ssrc + 1)),
            true,
            true,
            false));
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

  private void send(List<byte[]> packets, int port) {
    for (byte[] packet : packets) {
      world.receive(packet.clone(), PEER, port);
    }
    world.shard.onBatchEnd(world.nowNs);
  }

  /** What the viewer was sent since the last call, by the bodies of the packets. */
  private List<Integer> seen() {
    List<Integer> bodies = new ArrayList<>();
    for (RecordingSink.Datagram d : world.sink.take()) {
      if (d.port() == 2000 && RtpPackets.isRtp(d.bytes())) {
        bodies.add(RtpPackets.bodyOf(d.bytes(), RtpPackets.headerLength(d.bytes())));
      }
    }
    return bodies;
  }

  private static List<Integer> upTo(int end) {
    List<Integer> bodies = new ArrayList<>();
    for (int body = 0; body < end; body++) {
      bodies.add(body);
    }
    return bodies;
  }

  @Test
  void aKeyframeThatOvertakesTheHandshakeReachesTheViewers() {
    connectWithoutKeys(1, 1000);
    watch(10 /* which is not there yet */);
    for (int i = 0; i < 10; i++) {
      send(publisher.frame(i == 0), 1000);
      world.advance(33 * MS);
    }
    openTrack(10, 1, SSRC, 96);
    world.execute(new ShardCommand.MoveSubscription(20, 10));
    world.execute(new ShardCommand.InstallCipher(1, new IdentityCipher()));
    send(publisher.frame(false), 1000);
    world.advance(MS);
    assertEquals(upTo(44), seen());
    assertEquals(40, world.counters.get(ShardCounter.EARLY_IN));
    assertEquals(0, world.drops());
  }

  @Test
  void nobodyKeepsMoreThanTheBound() {
    connectWithoutKeys(1, 1000);
    openTrack(10, 1, SSRC, 96);
    watch(10);
    for (int i = 0; i < 150; i++) {
      send(publisher.frame(i == 0), 1000);
    }
    assertEquals(
        600 - EarlyPackets.PACKETS_MAX, world.counters.get(DropReason.SRTP_NO_KEYS), "counted");
    world.execute(new ShardCommand.InstallCipher(1, new IdentityCipher()));
    world.advance(50 * MS);
    assertEquals(upTo(EarlyPackets.PACKETS_MAX), seen());
  }

  @Test
  void whatIsTooOldIsDropped() {
    connectWithoutKeys(1, 1000);
    openTrack(10, 1, SSRC, 96);
    watch(10);
    send(publisher.frame(true), 1000);
    world.advance(1_000 * MS);
    send(publisher.frame(true), 1000);
    world.deliver(StunRequests.check("u2:peer", PASSWORD, true), VIEWER, 2000);
    world.advance(1_500 * MS);
    assertEquals(4, world.counters.get(DropReason.SRTP_NO_KEYS), "without a packet to remind it");
    world.execute(new ShardCommand.InstallCipher(1, new IdentityCipher()));
    world.advance(MS);
    assertEquals(4, world.counters.get(ShardCounter.EARLY_IN));
    assertEquals(List.of(4, 5, 6, 7), seen(), "what was kept is new");
  }

  @Test
  void allTransportsTogetherAreBounded() {
    int perTransport = EarlyPackets.PACKETS_MAX / Publisher.PACKETS_PER_FRAME;
    int sent = 0;
    for (int i = 0; i < 20; i++) {
      connectWithoutKeys(100 + i, 3000 + i);
      for (int frame = 0; frame < perTransport; frame++) {
        send(publisher.frame(false), 3000 + i);
        sent += Publisher.PACKETS_PER_FRAME;
      }
    }
    long length = publisher.frame(false).getLast().length;
    long kept = sent - world.counters.get(DropReason.SRTP_NO_KEYS);
    assertEquals(EarlyPackets.BYTES_MAX / length, kept, 16);
    for (int i = 0; i < 20; i++) {
      world.execute(new ShardCommand.CloseTransport(100 + i));
    }
    assertEquals(sent, world.counters.get(DropReason.SRTP_NO_KEYS), "the end of a wait is told");
    connectWithoutKeys(1, 1000);
    openTrack(10, 1, SSRC, 96);
    send(publisher.frame(true), 1000);
    assertEquals(sent, world.counters.get(DropReason.SRTP_NO_KEYS), "there is room again");
  }

  @Test
  void aLinkThatHasNoPathYetKeepsNothing() {
    world.execute(new ShardCommand.OpenLink(1, ShardHarness.linkCredentials("link1")));
    world.execute(new ShardCommand.SendTo(1, new byte[] {0, 1}, 0, PEER, 1000));
    send(publisher.frame(true), 1000);
    assertEquals(4, world.counters.get(DropReason.SRTP_NO_KEYS));
  }

  @Test
  void aParentsReplayWaitsForTheSourceThatClaimsIt() {
    int payloadType = Codec.VP8.relayPayloadType();
    IdentityCipher parent = new IdentityCipher(true);
    world.link(1, PEER, 1000);
    watch(10);
    Publisher first = new Publisher(SSRC, 0x112, payloadType, 7, Map.of());
    Publisher second = new Publisher(0x222, 0x223, payloadType, 9, Map.of());
    for (int i = 0; i < 20; i++) {
      send(sealed(parent, second.frame(i == 0)), 1000);
      send(sealed(parent, first.frame(i == 0)), 1000);
    }
    openTrack(10, 1, SSRC, payloadType);
    world.execute(new ShardCommand.MoveSubscription(20, 10));
    world.advance(5 * MS);
    assertEquals(upTo(80), seen());
    assertEquals(0, world.drops(), "the other stream's packets wait on");
    openTrack(11, 1, 0x222, payloadType);
    assertEquals(160, world.counters.get(ShardCounter.EARLY_IN));
    assertEquals(0, world.drops());
  }

  @Test
  void whatAFormerStreamStillSendsIsNotKept() {
    int payloadType = Codec.VP8.relayPayloadType();
    IdentityCipher parent = new IdentityCipher(true);
    world.link(1, PEER, 1000);
    Publisher former = new Publisher(SSRC, 0x112, payloadType, 7, Map.of());
    openTrack(10, 1, SSRC, payloadType);
    send(sealed(parent, former.frame(true)), 1000);
    world.execute(new ShardCommand.RemoveSource(10, 1));
    send(sealed(parent, former.frame(false)), 1000);
    assertEquals(4, world.counters.get(DropReason.RTP_UNKNOWN_SSRC));
    addSource(10, 1, 0x222, payloadType);
    assertEquals(0, world.counters.get(ShardCounter.EARLY_IN));
  }

  @Test
  void aReplayDoesNotMakeASlowParentLookSilent() {
    int payloadType = Codec.VP8.relayPayloadType();
    IdentityCipher parent = new IdentityCipher(true);
    world.link(1, PEER, 1000);
    openTrack(10, 1, SSRC, payloadType);
    Publisher slow = new Publisher(SSRC, 0x112, payloadType, 7, Map.of());
    for (int i = 0; i < 30; i++) {
      send(sealed(parent, everyThird(slow, i == 0)), 1000);
    }
    for (int i = 0; i < 10; i++) {
      world.advance(100 * MS);
      send(sealed(parent, everyThird(slow, false)), 1000);
    }
    assertFalse(world.events.contains(new ShardEvent.SourceSilent(10, 1)));
  }

  /** Ten frames a second: what comes between is lost on the way. */
  private static List<byte[]> everyThird(Publisher publisher, boolean key) {
    publisher.frame(false);
    publisher.frame(false);
    return publisher.frame(key);
  }

  private static List<byte[]> sealed(IdentityCipher parent, List<byte[]> packets) {
    return packets.stream().map(parent::seal).toList();
  }
}
