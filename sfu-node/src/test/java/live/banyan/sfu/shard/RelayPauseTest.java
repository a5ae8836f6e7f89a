package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A layer that a child did not need for a while, over a link whose cipher keeps count: meanwhile
 * the publisher's numbers went on, past what a receiver can follow without having seen any (RFC
 * 3711 §3.3.1).
 */
class RelayPauseTest {
  private static final long MS = 1_000_000L;
  private static final long PUBLISHER = ShardHarness.V4 | 1;
  private static final long PARENT = ShardHarness.V4 | 2;
  private static final long CHILD = ShardHarness.V4 | 3;
  private static final int PORT = 9;
  private static final int SSRC = 0x9000;

  private final ShardHarness parent = new ShardHarness();
  private final ShardHarness child = new ShardHarness();
  private final Publisher publisher = new Publisher(0x111, 0x112, 96, 65_000, Map.of());
  private int sent;
  private int steps;
  private int losing;

  @BeforeEach
  void open() {
    parent.connect(1, PUBLISHER, PORT);
    parent.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ExtensionMap.EMPTY));
    source(parent, 1, 96, 0x111);
    parent.link(2, CHILD, PORT);
    child.link(2, PARENT, PORT);
    child.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ExtensionMap.RELAY));
    source(child, 2, Codec.VP8.relayPayloadType(), SSRC);
    parent.execute(new ShardCommand.OpenRelay(30, 2, 10, 0, SSRC, SSRC + 1, -1));
  }

  private static void source(ShardHarness node, long transport, int payloadType, int ssrc) {
    List<ShardCommand.SourceLayer> layer =
        List.of(new ShardCommand.SourceLayer(null, ssrc, ssrc + 1));
    node.execute(
        new ShardCommand.AddSource(
            10, transport, null, payloadType, payloadType + 1, layer, true, true, false));
  }

  @AfterEach
  void close() {
    assertEquals(0, child.counters.get(DropReason.SRTP_FORGED), "the child has lost count");
    parent.close();
    child.close();
  }

  private void frames(int count) {
    for (int i = 0; i < count; i++) {
      publisher.frame(i == 0).forEach(packet -> parent.receive(packet, PUBLISHER, PORT));
      parent.shard.onBatchEnd(parent.nowNs);
      pass();
      parent.advance(33 * MS);
      child.advance(33 * MS);
    }
  }

  private void pass() {
    for (RecordingSink.Datagram datagram : parent.sink.take()) {
      boolean media = datagram.low() == CHILD && RtpPackets.isRtp(datagram.bytes());
      boolean step = media && (datagram.bytes()[1] & 0x7F) == 127;
      sent += media && !step ? 1 : 0;
      steps += step ? 1 : 0;
      if (datagram.low() == CHILD && !(step && losing-- > 0)) {
        child.receive(datagram.bytes(), PARENT, PORT);
      }
    }
    child.shard.onBatchEnd(child.nowNs);
    for (RecordingSink.Datagram datagram : child.sink.take()) {
      parent.receive(datagram.bytes(), CHILD, PORT);
    }
  }

  private void need(boolean needed) {
    parent.execute(new ShardCommand.NeedLayer(30, needed));
  }

  private long position() {
    return child.shard.position(10, 0) & 0xFFFF;
  }

  private long newest() {
    return publisher.nextSequence() - 1 & 0xFFFF;
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 100, 1_200, 8_000, 8_300, 12_000, 16_400, 20_000, 100_000})
  void aChildGoesOnAfterAPauseHoweverLong(int pausedFrames) {
    frames(40);
    assertEquals(newest(), position());
    need(false);
    sent = 0;
    frames(pausedFrames);
    assertEquals(0, sent);
    need(true);
    losing = 3; // of the steps
    frames(90);
    assertEquals(newest(), position());
    assertTrue(sent <= 90 * Publisher.PACKETS_PER_FRAME + 120, sent + " sent");
    assertTrue(steps <= 16, steps + " steps");
    long index = child.shard.position(10, 0);
    frames(60);
    assertEquals(index + 60 * Publisher.PACKETS_PER_FRAME, child.shard.position(10, 0));
  }

  @Test
  void nobodyAsksForWhatAPauseLeftOut() {
    frames(40);
    need(false);
    frames(300);
    need(true);
    long asked = child.counters.get(ShardCounter.NACKED_OUT);
    frames(40);
    assertEquals(asked, child.counters.get(ShardCounter.NACKED_OUT));
  }

  @Test
  void aChildThatComesBackIsLedToAKeyframe() {
    frames(40);
    need(false);
    frames(90); // the keyframe is three seconds old
    long asked = parent.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT);
    need(true);
    publisher.frame(false).forEach(packet -> parent.receive(packet, PUBLISHER, PORT));
    parent.shard.onBatchEnd(parent.nowNs);
    assertEquals(asked + 1, parent.counters.get(ShardCounter.KEYFRAME_REQUESTS_OUT));
    need(false);
    frames(20); // begins with one
    sent = 0;
    need(true);
    parent.advance(100 * MS);
    pass();
    assertEquals(20 * Publisher.PACKETS_PER_FRAME, sent, "all since the young keyframe");
  }

  @Test
  void severalPausesInARow() {
    for (int i = 0; i < 12; i++) {
      frames(3 + i);
      need(false);
      frames(2_000 * i);
      need(true);
    }
    frames(40);
    assertEquals(newest(), position());
  }

  /**
   * The child has what it tells a new parent of: the number after its newest, or nothing lately.
   */
  private void changeParents(int ssrc) {
    long[] told = new long[1];
    child.execute(
        new ShardCommand.TellPositions(List.of(10L), positions -> told[0] = positions[0][0]));
    long from = told[0] < 0 ? -1 : told[0] + 1 & 0xFFFF;
    parent.execute(new ShardCommand.CloseSubscription(30));
    child.execute(new ShardCommand.RemoveSource(10, 2));
    parent.execute(new ShardCommand.OpenRelay(30, 2, 10, 0, ssrc, ssrc + 1, from));
    source(child, 2, Codec.VP8.relayPayloadType(), ssrc);
  }

  @ParameterizedTest
  @ValueSource(ints = {30, 300, 8_300, 12_000, 20_000})
  void aLayerThatRestedComesFromAnotherParent(int restedFrames) {
    frames(40);
    need(false);
    frames(restedFrames);
    changeParents(0x7101);
    need(true);
    frames(90);
    assertEquals(newest(), position());
  }

  @ParameterizedTest
  @ValueSource(ints = {30, 300, 8_300, 12_000, 20_000})
  void aLayerThatRestsAtANewParentComesWhenItIsNeeded(int restedFrames) {
    frames(40);
    changeParents(0x7101);
    need(false);
    sent = 0;
    frames(restedFrames);
    assertEquals(0, sent);
    need(true);
    frames(90);
    assertEquals(newest(), position());
    assertTrue(sent <= 90 * Publisher.PACKETS_PER_FRAME + 120, sent + " sent");
  }

  @Test
  void nothingIsMissingAfterAChangeOfParents() {
    frames(40);
    long index = child.shard.position(10, 0);
    losing = 0;
    parent.execute(new ShardCommand.CloseSubscription(30));
    frames(5); // which come from nobody
    changeParents(0x7101);
    need(true);
    frames(30);
    assertEquals(newest(), position());
    assertEquals(index + 35 * Publisher.PACKETS_PER_FRAME, child.shard.position(10, 0));
    assertEquals(0, child.counters.get(ShardCounter.NACKED_OUT), "there was no need to ask");
  }
}
