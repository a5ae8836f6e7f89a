package live.banyan.sfu.relay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class LinkHealthTest {
  private static final long MS = 1_000_000;

  /** The clock wraps in every test. */
  private static final long START = shortlyBeforeTheWrap();

  private final LinkSettings settings = LinkSettings.defaults();
  private final LinkHealth health = new LinkHealth(settings, START);

  @Test
  void theFirstPingIsDueAtOnceAndTheNextAfterTheInterval() {
    assertTrue(health.pingDue(START));
    health.ping(START);
    assertFalse(health.pingDue(START + 249 * MS));
    assertTrue(health.pingDue(START + 250 * MS));
    assertEquals(START + 250 * MS, health.nextDeadlineNs());
  }

  @Test
  void carryingRelaysQuickensTheBeatAtBothEnds() {
    health.ping(START);
    health.carriesRelays(true, START + MS);
    assertTrue(health.pingDue(START + MS));
    assertTrue(health.ping(START + MS).carriesRelays());
    assertTrue(health.pingDue(START + 51 * MS));

    LinkHealth peer = new LinkHealth(settings, START);
    peer.ping(START);
    assertFalse(peer.active());
    peer.onPing(new LinkMessage.Ping(true, 1, 0), START + 2 * MS);
    assertTrue(peer.active());
    assertTrue(peer.pingDue(START + 2 * MS));
    peer.onPing(new LinkMessage.Ping(false, 2, 0), START + 3 * MS);
    assertFalse(peer.active());
  }

  @Test
  void anActiveLinkAnswersEachFourthPing() {
    for (int sequence = 1; sequence < 9; sequence++) {
      LinkMessage.Pong idle = health.onPing(new LinkMessage.Ping(false, sequence, 77), START);
      assertEquals(new LinkMessage.Pong(false, sequence, 77), idle);
    }
    int answers = 0;
    for (int sequence = 9; sequence < 49; sequence++) {
      answers += health.onPing(new LinkMessage.Ping(true, sequence, 77), START) == null ? 0 : 1;
    }
    assertEquals(10, answers);
  }

  @Test
  void thePaceStaysUntilThePeerMustHaveHeardThatRelaysEnded() {
    health.carriesRelays(true, START);
    health.ping(START);
    health.carriesRelays(false, START + 10 * MS);
    assertFalse(health.ping(START + 10 * MS).carriesRelays());
    assertTrue(health.pingDue(START + 60 * MS));
    health.ping(START + 1500 * MS);
    assertTrue(health.pingDue(START + 1550 * MS));
    health.ping(START + 1550 * MS);
    assertFalse(health.pingDue(START + 1799 * MS));
  }

  @Test
  void silenceCountsFromWhatWasHeardLast() {
    health.onHeard(START + 10 * MS);
    assertFalse(health.silent(START + 1509 * MS));
    assertTrue(health.silent(START + 1510 * MS));
    health.carriesRelays(true, START + 20 * MS);
    assertFalse(health.silent(START + 319 * MS));
    assertTrue(health.silent(START + 320 * MS));
  }

  @Test
  void mediaKeepsAnActiveLinkUntilMessagesAreOverdue() {
    health.carriesRelays(true, START);
    health.onArrival(START + 200 * MS);
    assertFalse(health.silent(START + 499 * MS));
    assertTrue(health.silent(START + 500 * MS));
    health.onArrival(START + 1400 * MS);
    health.onArrival(START + 300 * MS); // late news changes nothing
    assertFalse(health.silent(START + 1499 * MS));
    assertTrue(health.silent(START + 1500 * MS));
    assertFalse(health.silentForLong(START + 1499 * MS));
    assertTrue(health.silentForLong(START + 1500 * MS));
  }

  @Test
  void anIdleLinkNeedsMessages() {
    health.onArrival(START + 1400 * MS);
    assertTrue(health.silent(START + 1500 * MS));
  }

  @Test
  void becomingActiveDoesNotPunishTheIdlePace() {
    long nowNs = START + 1400 * MS;
    health.carriesRelays(true, nowNs);
    assertFalse(health.silent(nowNs + 299 * MS));
    assertTrue(health.silent(nowNs + 300 * MS));
  }

  @Test
  void aStallOfThisEndIsNotSilenceOfThePeer() {
    health.carriesRelays(true, START);
    long nowNs = START + 900 * MS;
    health.forgiveStall(880 * MS, nowNs);
    assertFalse(health.silent(nowNs));
    assertTrue(health.silent(nowNs + 300 * MS));
  }

  @Test
  void theRoundTripIsSmoothed() {
    assertEquals(-1, health.rttNs());
    answer(10 * MS);
    assertEquals(10 * MS, health.rttNs());
    answer(18 * MS);
    assertEquals(11 * MS, health.rttNs());
  }

  @Test
  void answersThatCannotBeOursAreNotMeasured() {
    LinkMessage.Ping ping = health.ping(START);
    health.onPong(new LinkMessage.Pong(false, ping.sequence() + 1, START), START + MS);
    health.onPong(new LinkMessage.Pong(false, ping.sequence(), START + 2 * MS), START + MS);
    health.onPong(new LinkMessage.Pong(false, ping.sequence(), START), START + 2000 * MS);
    health.onPong(new LinkMessage.Pong(false, ping.sequence() - 64, START), START + MS);
    assertEquals(-1, health.rttNs());
  }

  @Test
  void lossIsTheShareOfPingsThatAreMissing() {
    assertEquals(0, health.loss());
    for (int sequence = 1; sequence <= 200; sequence++) {
      if (sequence % 4 != 0) {
        receive(sequence);
      }
    }
    assertEquals(0.25, health.loss(), 0.02);
  }

  @Test
  void lateAndRepeatedPingsAreNotLoss() {
    receive(1);
    receive(3);
    assertEquals(1 / 3.0, health.loss(), 1e-9);
    receive(2);
    receive(2);
    assertEquals(0, health.loss(), 1e-9);
  }

  @Property
  void lossStaysAShareWhateverSequenceComes(@ForAll int[] sequences) {
    for (int sequence : sequences) {
      receive(sequence);
      assertTrue(health.loss() >= 0 && health.loss() <= 1, () -> "loss " + health.loss());
    }
  }

  @Property
  void lossIsMeasuredAcrossTheWrapOfTheSequence(@ForAll @IntRange(min = 2, max = 30) int period) {
    int first = Integer.MAX_VALUE - 50;
    for (int i = 0; i < 120; i++) {
      if (i % period != 1) {
        receive(first + i);
      }
    }
    assertEquals(1.0 / period, health.loss(), 0.05);
  }

  private void receive(int sequence) {
    health.onPing(new LinkMessage.Ping(false, sequence, 0), START);
  }

  private void answer(long afterNs) {
    LinkMessage.Ping ping = health.ping(START);
    health.onPong(new LinkMessage.Pong(false, ping.sequence(), ping.clock()), START + afterNs);
  }

  private static long shortlyBeforeTheWrap() {
    return Long.MAX_VALUE - 100 * MS;
  }
}
