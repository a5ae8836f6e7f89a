package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.ice.IceUfrag;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtcp.RtcpWriter;
import live.banyan.sfu.rtp.ExtensionMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two shards of one node: what comes in at the wrong one, and a publication that both need. */
class NeighboursTest {
  private static final long PUBLISHER = ShardHarness.V4 | 0x7F000001L;
  private static final long VIEWER = ShardHarness.V4 | 0x7F000002L;
  private static final String PASSWORD = "password-of-this-end";

  private record Left(int from, int kind, long first, long second, int third, MemorySegment data) {}

  private final ShardHarness[] shards = {new ShardHarness(), new ShardHarness()};
  private final Queue<Left> toFirst = new ArrayDeque<>();
  private final Queue<Left> toSecond = new ArrayDeque<>();
  private boolean full;

  @BeforeEach
  void introduce() {
    shards[0].shard.introduce(new @Nullable Neighbour[] {null, writing(0, toSecond)});
    shards[1].shard.introduce(new @Nullable Neighbour[] {writing(1, toFirst), null});
  }

  @AfterEach
  void close() {
    shards[0].close();
    shards[1].close();
  }

  private Neighbour writing(int from, Queue<Left> ring) {
    return (kind, first, second, third, data, offset, length) -> {
      if (full) {
        return false;
      }
      MemorySegment copy = Arena.ofAuto().allocate(Math.max(1, length), 8);
      MemorySegment.copy(data, offset, copy, 0, length);
      return ring.add(new Left(from, kind, first, second, third, copy.asSlice(0, length)));
    };
  }

  /** Lets both shards read what lies in their rings, until they are empty. */
  private void settle() {
    for (int i = 0; i < 1_000 && !(toFirst.isEmpty() && toSecond.isEmpty()); i++) {
      read(shards[0], toFirst);
      read(shards[1], toSecond);
    }
    assertTrue(toFirst.isEmpty() && toSecond.isEmpty(), "the shards talk without end");
  }

  private static void read(ShardHarness to, Queue<Left> ring) {
    for (Left l; (l = ring.poll()) != null; ) {
      to.shard.onNeighbour(
          l.from, l.kind, l.first, l.second, l.third, l.data, 0, (int) l.data.byteSize(), to.nowNs);
    }
    to.shard.onBatchEnd(to.nowNs);
  }

  /** A fragment of whose transport this shard is the owner. */
  private static String ufragOf(int shard, String prefix) {
    for (int i = 0; i < 1_000; i++) {
      String ufrag = prefix + i;
      if (ShardCommand.shardOf(IceUfrag.key(ufrag), 2) == shard) {
        return ufrag;
      }
    }
    throw new IllegalStateException("fragments do not spread");
  }

  private void open(int owner, long transportId, String ufrag) {
    shards[owner].execute(
        new ShardCommand.OpenTransport(
            transportId,
            new IceCredentials(ufrag, PASSWORD),
            new IceCredentials("peer", "password-of-the-peer")));
  }

  private void check(int arrivesAt, String ufrag, long address, int port) {
    shards[arrivesAt].deliver(StunRequests.check(ufrag + ":peer", PASSWORD, true), address, port);
    settle();
  }

  private void key(int owner, long transportId) {
    shards[owner].execute(new ShardCommand.InstallCipher(transportId, new IdentityCipher()));
  }

  private void openTrack(int layers) {
    for (ShardHarness shard : shards) {
      shard.execute(new ShardCommand.OpenTrack(10, Codec.VP8, layers, ExtensionMap.EMPTY));
    }
    settle();
  }

  private Publisher publish() {
    return publish(List.of(new ShardCommand.SourceLayer(null, 0x111, 0x112)));
  }

  private Publisher publish(List<ShardCommand.SourceLayer> layers) {
    openTrack(layers.size());
    String ufrag = ufragOf(0, "p");
    open(0, 1, ufrag);
    check(0, ufrag, PUBLISHER, 1000);
    key(0, 1);
    shards[0].execute(new ShardCommand.AddSource(10, 1, null, 96, 97, layers, true, true, false));
    return new Publisher(0x111, 0x112, 96, 65_530, Map.of());
  }

  private void watchAtSecond() {
    watchAt(1);
  }

  /** A viewer whose subscription has the number 19 on the first shard, 20 on the second. */
  private void watchAt(int shard) {
    int transport = 3 - shard;
    String ufrag = ufragOf(shard, "v");
    open(shard, transport, ufrag);
    check(shard, ufrag, VIEWER, 2000 + 1 - shard);
    key(shard, transport);
    shards[shard].execute(
        new ShardCommand.OpenSubscription(
            19 + shard,
            transport,
            10,
            0x5000,
            0x5001,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 121)),
            ExtensionMap.EMPTY));
    settle();
  }

  private void send(List<byte[]> packets) {
    for (byte[] packet : packets) {
      shards[0].receive(packet, PUBLISHER, 1000);
    }
    shards[0].shard.onBatchEnd(shards[0].nowNs);
    settle();
  }

  private List<byte[]> rtpToViewer() {
    return shards[1].sink.take().stream()
        .filter(d -> d.port() == 2000 && RtpPackets.isRtp(d.bytes()))
        .map(RecordingSink.Datagram::bytes)
        .toList();
  }

  /** A handshake record of seven bytes (RFC 6347 §4.1). */
  private static byte[] dtlsRecord() {
    byte[] record = new byte[20];
    record[0] = 22;
    record[1] = (byte) 0xFE;
    record[2] = (byte) 0xFD;
    record[12] = 7;
    return record;
  }

  @Test
  void aCheckAtTheWrongShardIsAnsweredByTheOwner() {
    String ufrag = ufragOf(1, "v");
    open(1, 2, ufrag);
    check(0, ufrag, VIEWER, 2000);
    assertTrue(shards[1].events.contains(new ShardEvent.TransportConnected(2)));
    assertEquals(1, shards[1].sink.take().size(), "the answer leaves at the owner's socket");
    assertEquals(1, shards[0].counters.get(ShardCounter.HANDED_OVER));
  }

  @Test
  void whatFollowsTheCheckIsHandedOverToo() {
    String ufrag = ufragOf(1, "v");
    open(1, 2, ufrag);
    byte[] record = dtlsRecord();
    shards[0].deliver(record, VIEWER, 2000);
    assertEquals(1, shards[0].counters.get(DropReason.UNKNOWN_PEER), "nobody claimed it yet");
    check(0, ufrag, VIEWER, 2000);
    shards[0].deliver(record, VIEWER, 2000);
    settle();
    assertTrue(shards[1].events.stream().anyMatch(e -> e instanceof ShardEvent.Dtls));
  }

  @Test
  void aForgedCheckClaimsNothing() {
    String ufrag = ufragOf(1, "v");
    open(1, 2, ufrag);
    shards[0].deliver(
        StunRequests.check(ufrag + ":peer", "wrong-password-000000", true), VIEWER, 7);
    settle();
    byte[] record = dtlsRecord();
    shards[0].deliver(record, VIEWER, 7);
    settle();
    assertFalse(shards[1].events.stream().anyMatch(e -> e instanceof ShardEvent.Dtls));
    assertEquals(1, shards[0].counters.get(DropReason.UNKNOWN_PEER));
  }

  @Test
  void anUnknownFragmentGoesNotInCircles() {
    check(0, ufragOf(1, "nobody"), VIEWER, 2000);
    assertEquals(1, shards[1].counters.get(DropReason.STUN_UNKNOWN_USER));
  }

  @Test
  void aRestartedFragmentFindsItsTransportWhereverItHashesTo() {
    String ufrag = ufragOf(1, "v");
    open(1, 2, ufrag);
    check(1, ufrag, VIEWER, 2000);
    String next = ufragOf(0, "n");
    shards[0].execute(new ShardCommand.PassChecks(next, 1));
    shards[1].execute(
        new ShardCommand.RestartIce(
            2, new IceCredentials(next, PASSWORD), new IceCredentials("peer", "password-2")));
    shards[1].sink.take();
    check(0, next, VIEWER, 2001);
    assertEquals(1, shards[1].sink.take().size());
  }

  @Test
  void aViewerAtTheOtherShardGetsTheWholeStream() {
    Publisher publisher = publish();
    watchAtSecond();
    for (int frame = 0; frame < 40; frame++) {
      send(publisher.frame(frame == 0));
      List<byte[]> got = rtpToViewer();
      assertEquals(4, got.size(), "frame " + frame);
      for (int i = 0; i < 4; i++) {
        assertEquals(
            4 * frame + i, RtpPackets.bodyOf(got.get(i), RtpPackets.headerLength(got.get(i))));
      }
      shards[0].advance(33 * ShardHarness.MS);
      shards[1].advance(33 * ShardHarness.MS);
      settle();
      shards[1].sink.take();
    }
  }

  @Test
  void aViewerWhoComesLaterBeginsWithTheKeyframeOfTheOtherShardsCache() {
    Publisher publisher = publish();
    send(publisher.frame(true));
    send(publisher.frame(false));
    assertEquals(0, shards[0].counters.get(ShardCounter.SHARED_OUT), "nobody wants it there");
    watchAtSecond();
    shards[1].advance(50 * ShardHarness.MS);
    assertEquals(8, rtpToViewer().size());
  }

  @Test
  void nothingIsSharedAnyMoreOnceTheLastViewerHasGone() {
    Publisher publisher = publish();
    watchAtSecond();
    send(publisher.frame(true));
    shards[1].execute(new ShardCommand.CloseSubscription(20));
    settle();
    long shared = shards[0].counters.get(ShardCounter.SHARED_OUT);
    send(publisher.frame(false));
    assertEquals(shared, shards[0].counters.get(ShardCounter.SHARED_OUT));
  }

  @Test
  void aViewersWishForAKeyframeReachesThePublisher() {
    Publisher publisher = publish();
    watchAtSecond();
    send(publisher.frame(false));
    assertTrue(shards[0].counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT) >= 1);
  }

  @Test
  void crowdsAtBothShardsCauseOneRequestInHalfASecond() {
    Publisher publisher = publish();
    send(publisher.frame(false));
    watchAt(0);
    watchAt(1);
    for (int i = 0; i < 40; i++) {
      join(i & 1, 100 + i);
    }
    for (int tenths = 0; tenths < 4; tenths++) {
      pass(100);
      assertEquals(1, shards[0].counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT));
    }
    pass(150);
    assertEquals(2, shards[0].counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT), "still none came");
    send(publisher.frame(true));
    pass(600);
    assertEquals(2, shards[0].counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT), "they have one");
  }

  /** One more who watches, over the transport that is there. */
  private void join(int shard, long subscriptionId) {
    shards[shard].execute(
        new ShardCommand.OpenSubscription(
            subscriptionId,
            3 - shard,
            10,
            (int) subscriptionId << 8,
            (int) subscriptionId << 8 | 1,
            "stream",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 121)),
            ExtensionMap.EMPTY));
    settle();
  }

  private void pass(long ms) {
    for (ShardHarness shard : shards) {
      shard.advance(ms * ShardHarness.MS);
    }
    settle();
  }

  @Test
  void aFullRingIsCountedAndLaterMadeGood() {
    Publisher publisher = publish();
    full = true;
    watchAtSecond();
    assertTrue(shards[1].counters.get(DropReason.QUEUE_FULL) > 0, "the wish was lost");
    full = false;
    shards[0].advance(1_100 * ShardHarness.MS);
    shards[1].advance(1_100 * ShardHarness.MS);
    settle();
    send(publisher.frame(true));
    assertEquals(4, rtpToViewer().size());
  }

  /** Sends a frame in each of these layers every 33 ms, and lets time pass meanwhile. */
  private void run(List<Publisher> layers, int frames) {
    for (int frame = 0; frame < frames; frame++) {
      for (Publisher layer : layers) {
        send(layer.frame(frame % 30 == 0));
      }
      if (frame % 30 == 0) {
        byte[] report = new byte[8];
        RtcpWriter.receiverReport(MemorySegment.ofArray(report), 0, 1);
        shards[0].deliver(report, VIEWER, 2001); // both are there
        shards[1].deliver(report, VIEWER, 2000);
      }
      for (ShardHarness shard : shards) {
        shard.advance(33 * ShardHarness.MS);
      }
      settle();
    }
  }

  /** The layers that the shard with the source has said to be needed; the last word counts. */
  private int told() {
    int layers = 0;
    for (ShardEvent event : shards[0].events) {
      layers = event instanceof ShardEvent.LayersNeeded needed ? needed.layers() : layers;
    }
    assertFalse(shards[1].events.stream().anyMatch(e -> e instanceof ShardEvent.LayersNeeded));
    return layers;
  }

  @Test
  void whatIsNeededIsTheSumOverTheShards() {
    List<Publisher> layers =
        List.of(
            publish(
                List.of(
                    new ShardCommand.SourceLayer(null, 0x111, 0x112),
                    new ShardCommand.SourceLayer(null, 0x113, 0x114),
                    new ShardCommand.SourceLayer(null, 0x115, 0x116))),
            new Publisher(0x113, 0x114, 96, 100, Map.of()),
            new Publisher(0x115, 0x116, 96, 200, Map.of()));
    run(layers, 100);
    assertEquals(0b001, told(), "nobody is there");
    watchAt(0);
    watchAt(1);
    shards[0].execute(new ShardCommand.LimitLayer(19, 0));
    shards[1].execute(new ShardCommand.LimitLayer(20, 2));
    run(layers, 100);
    assertEquals(0b101, told());
    full = true;
    shards[1].execute(new ShardCommand.LimitLayer(20, 1));
    run(layers, 100);
    assertEquals(0b101, told(), "the word was lost");
    full = false;
    run(layers, 100);
    assertEquals(0b011, told(), "and is made good");
    shards[0].execute(new ShardCommand.CloseSubscription(19));
    run(layers, 100);
    assertEquals(0b010, told(), "the other shard's alone");
    shards[1].execute(new ShardCommand.CloseSubscription(20));
    run(layers, 100);
    assertEquals(0b001, told());
  }
}
