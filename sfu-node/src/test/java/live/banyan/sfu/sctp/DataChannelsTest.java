package live.banyan.sfu.sctp;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import live.banyan.sfu.sctp.TwoEnds.Link;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataChannelsTest {
  @Test
  void channelOpensAndCarriesBothWays() {
    TwoEnds ends = new TwoEnds(1, Link.GOOD).connected();
    int id = ends.client.open(new ChannelTerms("chat", "json", true, Reliability.FULL));
    assertEquals(0, id);
    assertTrue(ends.client.channels.send(id, true, "hello".getBytes(), ends.nowNs));
    assertTrue(ends.client.channels.send(id, true, new byte[0], ends.nowNs));
    ends.client.drain();
    ends.runUntil(1_000, () -> ends.server.messages.size() == 2);
    assertEquals("chat", ends.server.opened.getFirst().terms().label());
    assertEquals("json", ends.server.opened.getFirst().terms().protocol());
    assertEquals("hello", new String(ends.server.messages.getFirst().data()));
    assertTrue(ends.server.messages.getFirst().text());
    assertEquals(0, ends.server.messages.get(1).data().length);
    ends.server.send(id, new byte[] {1, 2});
    ends.runUntil(1_000, () -> ends.client.messages.size() == 1);
    assertFalse(ends.client.messages.getFirst().text());
    assertEquals(1, ends.server.open(ChannelTerms.reliable("other")));
  }

  @Test
  void bothEndsMayBegin() {
    TwoEnds ends = new TwoEnds(2, Link.GOOD);
    ends.server.channels.start(ends.nowNs);
    ends.server.drain();
    ends.connected();
    int id = ends.server.open(ChannelTerms.reliable("x"));
    ends.server.send(id, new byte[] {9});
    ends.runUntil(1_000, () -> ends.client.messages.size() == 1);
    assertNull(ends.client.ended);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void reliableOrderedSurvivesABadLink(long seed) {
    TwoEnds ends = new TwoEnds(seed, Link.BAD).connected();
    int id = ends.client.open(ChannelTerms.reliable("bulk"));
    int[] lengths = {1, 5_000, 262_144, 3, 1_092, 1_093, 60_000, 200_000};
    for (int i = 0; i < lengths.length; i++) {
      assertTrue(ends.client.send(id, TwoEnds.message(lengths[i], i)));
    }
    ends.runUntil(120_000, () -> ends.server.messages.size() == lengths.length);
    for (int i = 0; i < lengths.length; i++) {
      assertArrayEquals(
          TwoEnds.message(lengths[i], i), ends.server.messages.get(i).data(), "message " + i);
    }
    ends.runUntil(30_000, () -> ends.client.channels.bufferedBytes() == 0);
    assertNull(ends.client.ended);
    assertTrue(ends.counters.get(SctpCount.RETRANSMITTED) > 0, "the link was not bad");
  }

  @ParameterizedTest
  @ValueSource(longs = {21, 22, 23, 24})
  void reliableUnorderedArrivesOnceEach(long seed) {
    TwoEnds ends = new TwoEnds(seed, Link.BAD).connected();
    int id = ends.client.open(new ChannelTerms("u", "", false, Reliability.FULL));
    ends.run(5_000);
    for (int i = 0; i < 200; i++) {
      assertTrue(ends.client.send(id, TwoEnds.message(10 + i * 17, i)));
    }
    ends.runUntil(60_000, () -> ends.server.messages.size() == 200);
    Set<Integer> lengths =
        ends.server.messages.stream().map(m -> m.data().length).collect(Collectors.toSet());
    assertEquals(200, lengths.size());
    boolean inOrder =
        ends.server.messages.stream()
            .map(m -> m.data().length)
            .sorted()
            .toList()
            .equals(ends.server.messages.stream().map(m -> m.data().length).toList());
    assertFalse(inOrder, "nothing overtook although the link reorders");
  }

  @ParameterizedTest
  @ValueSource(longs = {31, 32, 33, 34, 35, 36})
  void messagesThatMayBeLostHoldUpNothing(long seed) {
    TwoEnds ends = new TwoEnds(seed, Link.GOOD).connected();
    int lossy = ends.client.open(new ChannelTerms("l", "", true, new Reliability(0, -1)));
    int timed = ends.client.open(new ChannelTerms("t", "", false, new Reliability(-1, 100)));
    int firm = ends.client.open(ChannelTerms.reliable("f"));
    ends.run(1_000);
    ends.link = new Link(.3, .05, .1, 20);
    for (int i = 0; i < 60; i++) {
      ends.client.send(lossy, TwoEnds.message(4_000, i));
      ends.client.send(timed, TwoEnds.message(2_500, i));
      ends.client.send(firm, TwoEnds.message(1_000, i));
      ends.run(50);
    }
    ends.link = Link.GOOD;
    ends.runUntil(60_000, () -> ends.client.channels.bufferedBytes() == 0);
    long firmArrived = ends.server.messages.stream().filter(m -> m.channel() == firm).count();
    long lossyArrived = ends.server.messages.stream().filter(m -> m.channel() == lossy).count();
    assertEquals(60, firmArrived);
    assertTrue(lossyArrived > 0 && lossyArrived < 60, lossyArrived + " of 60");
    assertTrue(ends.counters.get(SctpCount.ABANDONED) > 0);
    for (ChannelEvent.Message message : ends.server.messages) {
      int number = numberOf(message.data());
      assertTrue(number >= 0, "a message arrived in pieces");
    }
    assertNull(ends.server.ended);
    ends.client.send(lossy, TwoEnds.message(100, 7));
    ends.run(1_000);
    assertEquals(100, ends.server.messages.getLast().data().length);
  }

  private static int numberOf(byte[] data) {
    for (int i = 0; i < 60; i++) {
      if (Arrays.equals(data, TwoEnds.message(data.length, i))) {
        return i;
      }
    }
    return -1;
  }

  @ParameterizedTest
  @ValueSource(longs = {41, 42, 43, 44})
  void closedChannelsIdentifierServesAgain(long seed) {
    TwoEnds ends = new TwoEnds(seed, Link.BAD).connected();
    for (int round = 1; round <= 3; round++) {
      int rounds = round;
      int id = ends.client.open(ChannelTerms.reliable("r" + round));
      assertEquals(0, id);
      ends.client.send(id, TwoEnds.message(30_000, round));
      ends.client.channels.close(id, ends.nowNs);
      ends.client.drain();
      ends.runUntil(60_000, () -> ends.server.closed.size() == rounds);
      assertEquals(round, ends.server.messages.size(), "what was sent before the end arrives");
      ends.runUntil(60_000, () -> ends.client.closed.size() == rounds);
      ends.run(10_000);
    }
    assertEquals("r3", ends.server.opened.getLast().terms().label());
  }

  @Test
  void windowGrowsOnAGoodLink() {
    TwoEnds ends = new TwoEnds(5, Link.GOOD).connected();
    int id = ends.client.open(ChannelTerms.reliable("bulk"));
    for (int i = 0; i < 4; i++) {
      assertTrue(ends.client.send(id, TwoEnds.message(250_000, i)));
    }
    long startNs = ends.nowNs;
    ends.runUntil(5_000, () -> ends.server.messages.size() == 4);
    long ms = TimeUnit.NANOSECONDS.toMillis(ends.nowNs - startNs);
    // 40 ms of round trip, 11 KB at first, doubling: a fixed window would take 3.6 s.
    assertTrue(ms < 800, ms + " ms");
    assertEquals(0, ends.counters.get(SctpCount.RETRANSMITTED));
  }

  @Test
  void messagesBeyondTheBufferAreRefused() {
    TwoEnds ends = new TwoEnds(6, Link.GOOD).connected();
    int id = ends.client.open(ChannelTerms.reliable("bulk"));
    int taken = 0;
    while (taken < 100 && ends.client.send(id, new byte[100_000])) {
      taken++;
    }
    assertEquals(10, taken);
    assertEquals(1, ends.counters.get(SctpCount.REFUSED_BUFFER));
    ends.runUntil(10_000, () -> ends.server.messages.size() == 10);
  }

  @Test
  void messageAboveTheBoundEndsTheAssociation() {
    TwoEnds ends = new TwoEnds(7, Link.GOOD).connected();
    int id = ends.client.open(ChannelTerms.reliable("bulk"));
    assertTrue(ends.client.send(id, new byte[256 * 1024 + 1]));
    ends.runUntil(10_000, () -> ends.server.ended != null && ends.client.ended != null);
    assertEquals(SctpEvent.Reason.VIOLATION, ends.server.ended);
    assertEquals(SctpEvent.Reason.ABORTED_BY_PEER, ends.client.ended);
    assertEquals(0, ends.server.messages.size());
  }

  @Test
  void channelsBeyondTheBoundAreClosedAgain() {
    TwoEnds ends = new TwoEnds(8, Link.GOOD).connected();
    for (int i = 0; i < 16; i++) {
      assertEquals(2 * i, ends.client.open(ChannelTerms.reliable("c" + i)));
    }
    assertEquals(-1, ends.client.open(ChannelTerms.reliable("one too many")));
    // Unheard of so far at the server, whose own channel is then the client's seventeenth.
    assertEquals(1, ends.server.open(ChannelTerms.reliable("seventeenth")));
    ends.runUntil(5_000, () -> ends.server.closed.contains(1));
    assertEquals(15, ends.server.opened.size());
    assertTrue(ends.counters.get(SctpCount.REFUSED_CHANNEL) >= 2);
  }

  @ParameterizedTest
  @ValueSource(longs = {51, 52, 53})
  void shutdownDeliversWhatWaits(long seed) {
    TwoEnds ends = new TwoEnds(seed, Link.BAD).connected();
    int id = ends.client.open(ChannelTerms.reliable("last words"));
    ends.client.send(id, TwoEnds.message(100_000, 1));
    ends.client.channels.shutdown(ends.nowNs);
    ends.client.drain();
    ends.runUntil(60_000, () -> ends.client.ended != null);
    assertEquals(SctpEvent.Reason.SHUTDOWN, ends.client.ended);
    assertEquals(1, ends.server.messages.size());
  }

  @Test
  void deadPeerIsNoticed() {
    TwoEnds ends = new TwoEnds(9, Link.GOOD).connected();
    int id = ends.client.open(ChannelTerms.reliable("x"));
    ends.run(1_000);
    ends.link = new Link(1, 0, 0, 20);
    ends.client.send(id, new byte[5]);
    ends.runUntil(120_000, () -> ends.client.ended != null);
    assertEquals(SctpEvent.Reason.UNREACHABLE, ends.client.ended);
    ends.runUntil(600_000, () -> ends.server.ended != null);
    assertEquals(SctpEvent.Reason.UNREACHABLE, ends.server.ended, "heartbeats notice it as well");
  }

  @Test
  void idleAssociationLives() {
    TwoEnds ends = new TwoEnds(10, new Link(.3, 0, 0, 20)).connected();
    ends.run(TimeUnit.HOURS.toMillis(1));
    assertNull(ends.client.ended);
    assertNull(ends.server.ended);
  }
}
