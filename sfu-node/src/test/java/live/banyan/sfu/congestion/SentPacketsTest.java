package live.banyan.sfu.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SentPacketsTest {
  private final SentPackets sent = new SentPackets();

  @Test
  void tellsWhatAPacketWas() {
    long nowUs = Integer.MAX_VALUE - 5L; // the stored half of the clock wraps between the two
    int first = sent.nextSequence();
    sent.add(1_200, 0, nowUs);
    int second = sent.nextSequence();
    sent.add(60_000, 7, nowUs + 10);
    assertEquals(first + 1, second);
    long index = sent.indexOf(second);
    assertEquals(nowUs + 10, sent.sentUs(index, nowUs + 1_000_000));
    assertEquals(60_000, sent.bytes(index));
    assertEquals(7, sent.probe(index));
    assertEquals(61_200, sent.inFlightBytes());
  }

  @Test
  void countsEachArrivalOnce() {
    sent.add(1_000, 0, 1);
    long index = sent.indexOf(0);
    assertTrue(sent.missing(index));
    assertFalse(sent.missing(index));
    assertTrue(sent.isMissing(index));
    assertTrue(sent.arrived(index));
    assertFalse(sent.arrived(index));
    assertFalse(sent.missing(index));
    assertEquals(0, sent.inFlightBytes());
  }

  @Test
  void knowsNothingOfWhatNeverLeftOrIsTooOld() {
    assertEquals(-1, sent.indexOf(0));
    assertEquals(-1, sent.indexOf(65_535));
    for (int i = 0; i < 70_000; i++) {
      sent.add(100, 0, i);
    }
    int next = sent.nextSequence();
    assertEquals(70_000 & 0xFFFF, next);
    assertEquals(-1, sent.indexOf(next));
    assertEquals(-1, sent.indexOf(next + 30_000));
    assertEquals(-1, sent.indexOf(next - SentPackets.CAPACITY - 1));
    assertTrue(sent.indexOf(next - SentPackets.CAPACITY) > 0);
    assertEquals(100 * SentPackets.CAPACITY, sent.inFlightBytes());
  }

  /** What 2.5 and 10 Mbit/s are in packets of 1,200 bytes, of which a second and a half counts. */
  @Test
  void remembersAsMuchAsTheRateAsksFor() {
    for (int packetsPerSecond : new int[] {260, 1_040}) {
      SentPackets some = new SentPackets();
      int count = 10 * packetsPerSecond;
      long nowUs = 0;
      for (int i = 0; i < count; i++) {
        nowUs = i * 1_000_000L / packetsPerSecond;
        some.add(1_000 + i % 100, i % 128, nowUs);
        some.arrived(some.indexOf(i));
      }
      for (int i = count - packetsPerSecond * 3 / 2; i < count; i++) {
        long index = some.indexOf(i);
        assertTrue(index >= 0, packetsPerSecond + " a second: " + i);
        assertEquals(1_000 + i % 100, some.bytes(index));
        assertEquals(i % 128, some.probe(index));
        assertEquals(i * 1_000_000L / packetsPerSecond, some.sentUs(index, nowUs));
        assertFalse(some.arrived(index), "it is known that it did");
      }
      assertEquals(0, some.inFlightBytes());
    }
  }

  @Test
  void forgetsWhatNoFeedbackSpeaksOf() {
    for (int i = 0; i < 100; i++) {
      sent.add(100, 0, i * 1_000L);
    }
    sent.expire(50_000);
    assertEquals(5_000, sent.inFlightBytes());
    assertTrue(sent.arrived(sent.indexOf(10)), "late feedback counts");
    assertEquals(5_000, sent.inFlightBytes());
    sent.expire(1_000_000);
    assertEquals(0, sent.inFlightBytes());
  }
}
