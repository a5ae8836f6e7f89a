package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.packet.DropReason;
import live.banyan.sfu.rtp.ExtensionMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How transports come, change address and go. */
class TransportLifeTest {
  private static final long MS = ShardHarness.MS;
  private static final long PEER = ShardHarness.V4 | 1;
  private static final String PASSWORD = "password-of-this-end";

  private final ShardHarness world = new ShardHarness();

  @AfterEach
  void close() {
    world.close();
  }

  private void open(long id) {
    world.execute(
        new ShardCommand.OpenTransport(
            id, new IceCredentials("u" + id, PASSWORD), new IceCredentials("peer", "x")));
  }

  private void check(long id, boolean nominate, int port) {
    world.deliver(StunRequests.check("u" + id + ":peer", PASSWORD, nominate), PEER, port);
  }

  private int portOfSend(long id) {
    world.sink.take();
    world.execute(new ShardCommand.Send(id, new byte[] {22, 1, 2}));
    List<RecordingSink.Datagram> sent = world.sink.take();
    return sent.isEmpty() ? 0 : sent.getFirst().port();
  }

  @Test
  void aCheckIsAnsweredAndTheFirstNominationIsTold() {
    open(1);
    check(1, false, 1000);
    assertEquals(1, world.sink.take().size());
    assertEquals(List.of(), world.events);
    assertEquals(1000, portOfSend(1), "a valid pair may be used before nomination");
    check(1, true, 1001);
    check(1, true, 1001);
    assertEquals(List.of(new ShardEvent.TransportConnected(1)), world.events);
    assertEquals(1001, portOfSend(1));
    check(1, false, 1002);
    assertEquals(1001, portOfSend(1), "a check that nominates nothing changes nothing");
    check(1, true, 1002);
    assertEquals(1002, portOfSend(1), "the far end moved");
  }

  @Test
  void whenATransportWasHeardIsToldAfterWhatHasArrivedIsRead() {
    world.connect(5, PEER, 1000);
    List<Long> heard = new ArrayList<>();
    world.advance(400 * MS);
    world.execute(new ShardCommand.TellHeard(5, heard::add));
    assertEquals(List.of(), heard, "what lies in the socket comes first");
    byte[] media = new Publisher(0x111, 0, 96, 1, Map.of()).frame(true).getFirst();
    world.deliver(media, PEER, 1000);
    assertEquals(List.of(world.nowNs), heard);
    world.advance(100 * MS);
    world.execute(new ShardCommand.TellHeard(6, heard::add));
    world.advance(100 * MS);
    assertEquals(1, heard.size(), "there is no transport 6, and each question has one answer");
  }

  @Test
  void addressesPerTransportAreBounded() {
    open(1);
    check(1, true, 1000);
    for (int port = 2000; port < 2100; port++) {
      check(1, false, port);
    }
    assertEquals(1000, portOfSend(1), "the selected address stays");
    byte[] media = new Publisher(0x111, 0, 96, 1, Map.of()).frame(true).getFirst();
    world.deliver(media, PEER, 2000);
    assertEquals(1, world.counters.get(DropReason.UNKNOWN_PEER), "an old one went");
    world.deliver(media, PEER, 1000);
    world.advance(EarlyPackets.AGE_MAX_NS + 200 * MS);
    assertEquals(1, world.counters.get(DropReason.SRTP_NO_KEYS), "the keys never came");
  }

  @Test
  void fourSecondsOfSilenceEndAClient() {
    world.connect(1, PEER, 1000);
    world.advance(3_900 * MS);
    world.deliver(StunRequests.check("u1:peer", PASSWORD, true), PEER, 1000);
    world.advance(3_900 * MS);
    assertFalse(gone(ShardEvent.GoneReason.SILENT));
    world.advance(300 * MS);
    assertTrue(gone(ShardEvent.GoneReason.SILENT));
    assertEquals(0, world.counters.get(ShardCounter.TRANSPORTS));
    check(1, true, 1000);
    assertEquals(1, world.counters.get(DropReason.STUN_UNKNOWN_USER));
    assertEquals(Long.MAX_VALUE, world.shard.nextDeadlineNs());
  }

  private boolean gone(ShardEvent.GoneReason reason) {
    return world.events.contains(new ShardEvent.TransportGone(1, reason));
  }

  @Test
  void aClientThatNeverConnectsIsGivenUp() {
    open(1);
    world.advance(29_900 * MS);
    assertFalse(gone(ShardEvent.GoneReason.NEVER_CONNECTED));
    world.advance(300 * MS);
    assertTrue(gone(ShardEvent.GoneReason.NEVER_CONNECTED));
  }

  @Test
  void aRestartKeepsTheOldPairUntilTheNewOneIsNominated() {
    world.connect(1, PEER, 1000);
    world.execute(
        new ShardCommand.RestartIce(
            1, new IceCredentials("fresh", "fresh-password-here"), new IceCredentials("p2", "x")));
    world.deliver(StunRequests.check("fresh:p2", "fresh-password-here", false), PEER, 3000);
    assertEquals(1000, portOfSend(1));
    check(1, true, 1000);
    assertEquals(1000, portOfSend(1));
    world.deliver(StunRequests.check("fresh:p2", "fresh-password-here", true), PEER, 3000);
    assertEquals(3000, portOfSend(1));
    check(1, true, 1000);
    assertEquals(1, world.counters.get(DropReason.STUN_UNKNOWN_USER), "the old pair is void");
    assertEquals(3000, portOfSend(1));
  }

  @Test
  void aLinksStunIsPassedOn() {
    world.execute(new ShardCommand.OpenLink(5, ShardHarness.linkCredentials("linkfrag")));
    byte[] request = StunRequests.check("linkfrag:them", "password-of-a-link", true);
    world.deliver(request, PEER, 4000);
    ShardEvent.LinkStun event =
        assertInstanceOf(ShardEvent.LinkStun.class, world.events.getFirst());
    assertArrayEquals(request, event.datagram());
    assertEquals(4000, event.port());
    assertEquals(List.of(), world.sink.take(), "ICE is done elsewhere");

    world.deliver(StunRequests.check("linkfrag:them", "another-password", true), PEER, 4000);
    world.deliver(StunRequests.unsigned(StunRequests.REQUEST, "linkfrag:them"), PEER, 4000);
    assertEquals(2, world.counters.get(DropReason.STUN_FORGED), "nobody else's is passed on");
    assertEquals(1, world.events.size());
    assertEquals(List.of(), world.sink.take(), "nor answered");

    byte[] response = request.clone();
    response[0] = 1;
    response[1] = 1;
    reseal(response);
    world.deliver(response, PEER, 4001);
    assertEquals(1, world.events.size(), "an answer nobody asked for");
    world.execute(new ShardCommand.SendTo(5, request, 0, PEER, 4001));
    world.deliver(response, PEER, 4001);
    assertEquals(2, world.events.size());

    assertEquals(0, portOfSend(5));
    world.execute(new ShardCommand.SelectLinkPath(5, 0, PEER, 4001));
    assertEquals(4001, portOfSend(5));
    world.advance(60_000 * MS);
    assertEquals(4001, portOfSend(5), "a link lives as long as its owner says");
  }

  /** FINGERPRINT of a changed message. */
  private static void reseal(byte[] message) {
    CRC32 crc = new CRC32();
    crc.update(message, 0, message.length - 8);
    ByteBuffer.wrap(message).putInt(message.length - 4, (int) crc.getValue() ^ 0x5354554E);
  }

  @Test
  void closingATransportEndsItsSourcesAndSubscriptionsAndItsCipher() {
    IdentityCipher cipher = world.connect(1, PEER, 1000);
    world.execute(new ShardCommand.OpenTrack(10, Codec.VP8, 1, ExtensionMap.EMPTY));
    world.execute(
        new ShardCommand.AddSource(
            10,
            1,
            null,
            96,
            0,
            List.of(new ShardCommand.SourceLayer(null, 0x111, 0)),
            true,
            true,
            false));
    world.execute(
        new ShardCommand.OpenSubscription(
            20,
            1,
            10,
            0x5000,
            0,
            "c",
            null,
            List.of(new ShardCommand.CodecPayload(Codec.VP8, 120, 0)),
            ExtensionMap.EMPTY));
    assertEquals(1, world.counters.get(ShardCounter.SUBSCRIPTIONS));
    world.execute(new ShardCommand.CloseTransport(1));
    assertTrue(cipher.closed);
    assertEquals(0, world.counters.get(ShardCounter.SUBSCRIPTIONS));
    assertEquals(1, world.counters.get(ShardCounter.TRACKS));
    world.execute(new ShardCommand.CloseSubscription(20));
    world.execute(new ShardCommand.CloseTransport(1));
    assertEquals(2, world.counters.get(ShardCounter.COMMANDS_STALE));
    assertTrue(world.events.stream().noneMatch(ShardEvent.TransportGone.class::isInstance));
  }

  @Test
  void bytesOfNoKnownProtocolAreCounted() {
    world.deliver(new byte[] {4, 1, 2, 3}, PEER, 1000);
    world.deliver(new byte[] {(byte) 200, 1, 2, 3}, PEER, 1000);
    world.deliver(new byte[0], PEER, 1000);
    assertEquals(2, world.counters.get(DropReason.UNKNOWN_PROTOCOL));
    assertEquals(1, world.counters.get(DropReason.EMPTY));
  }
}
