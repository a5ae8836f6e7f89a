package live.banyan.sfu.media;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NackGeneratorTest {
  private static final long MS = 1_000_000;

  private final NackGenerator nack = new NackGenerator();
  private final long[] out = new long[NackGenerator.CAPACITY];

  private long[] collect(long highest, long nowNs) {
    return Arrays.copyOf(out, nack.collect(highest, nowNs, out));
  }

  @Test
  void waitsForReorderingThenAsks() {
    nack.onGap(10, 12, 0);
    assertArrayEquals(new long[] {}, collect(12, 0));
    assertEquals(8 * MS, nack.deadlineNs(12));
    assertArrayEquals(new long[] {10, 11}, collect(12, 8 * MS));
    assertArrayEquals(new long[] {}, collect(12, 8 * MS), "asked a moment ago");
  }

  @Test
  void threeNewerPacketsEndTheWait() {
    nack.onGap(10, 11, 0);
    assertArrayEquals(new long[] {}, collect(12, 0));
    assertArrayEquals(new long[] {10}, collect(13, 0));
  }

  @Test
  void anArrivalCancelsAndTeachesTheRoundTrip() {
    nack.onGap(10, 12, 0);
    collect(20, 0);
    assertTrue(nack.onLate(10, 30 * MS));
    assertEquals(30 * MS, nack.rttNs());
    assertEquals(1, nack.size());
    assertFalse(nack.onLate(10, 31 * MS), "it is no longer missing");
    assertArrayEquals(new long[] {11}, collect(20, 38 * MS), "a round trip and a quarter later");
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 40, 150, 400})
  void triesAreFurtherApartThanARoundTripAndGrow(int rttMs) {
    nack.onRoundTrip(rttMs * MS);
    nack.onGap(10, 11, 0);
    List<Long> triesMs = new ArrayList<>();
    for (long now = 0; now <= 2_500 * MS; now += MS) {
      if (collect(20, now).length > 0) {
        triesMs.add(now / MS);
      }
    }
    assertEquals(0, triesMs.getFirst(), "three newer packets came");
    long least = Math.max(20, rttMs + rttMs / 4);
    for (int i = 1; i < triesMs.size(); i++) {
      long waited = triesMs.get(i) - triesMs.get(i - 1);
      long expected = least + (i - 1) * least / 4;
      assertEquals(expected, waited, 4, "try " + i + " of " + triesMs);
    }
    assertTrue(triesMs.size() <= NackGenerator.TRIES);
    assertTrue(triesMs.getLast() < NackGenerator.AGE_MS);
    assertTrue(triesMs.size() >= 3, triesMs.toString());
  }

  @Test
  void aPacketThatWasMadeCancelsAndTeachesNothing() {
    nack.onRoundTrip(80 * MS);
    nack.onGap(10, 12, 0);
    collect(20, 0);
    nack.onMade(10);
    nack.onMade(10);
    assertEquals(1, nack.size());
    assertEquals(80 * MS, nack.rttNs());
    assertArrayEquals(new long[] {11}, collect(20, 100 * MS));
  }

  @Test
  void givesUpAfterTwoSecondsOrTenTries() {
    nack.onGap(10, 11, 0);
    int asked = 0;
    for (long now = 0; now <= 2_500 * MS; now += MS) {
      asked += collect(20, now).length;
    }
    assertTrue(asked >= 5 && asked <= NackGenerator.TRIES, "asked " + asked);
    assertEquals(0, nack.size());
    assertEquals(1, nack.givenUp());
    assertTrue(nack.takeLost());
    assertFalse(nack.takeLost());
    assertEquals(Long.MAX_VALUE, nack.deadlineNs(20));
  }

  @Test
  void aGapBeyondTheBoundIsGivenUpAtOnce() {
    nack.onGap(0, NackGenerator.CAPACITY + 1, 0);
    assertEquals(0, nack.size());
    assertTrue(nack.takeLost());
  }

  @Test
  void theOldestMakeRoom() {
    nack.onGap(0, NackGenerator.CAPACITY, 0);
    nack.onGap(1_000, 1_010, 0);
    assertEquals(NackGenerator.CAPACITY, nack.size());
    assertEquals(10, nack.givenUp());
    assertFalse(nack.onLate(9, 0));
    assertTrue(nack.size() == NackGenerator.CAPACITY);
    nack.onLate(10, 0);
    assertEquals(NackGenerator.CAPACITY - 1, nack.size());
  }

  @Property
  void whatIsMissingIsWhatDidNotArrive(
      @ForAll @Size(max = 200) List<@IntRange(min = 0, max = 400) Integer> arrivals) {
    NackGenerator generator = new NackGenerator();
    TreeSet<Long> expected = new TreeSet<>();
    long highest = -1;
    for (int arrival : arrivals) {
      if (arrival > highest) {
        generator.onGap(highest + 1, arrival, 0);
        for (long lost = highest + 1; lost < arrival; lost++) {
          expected.add(lost);
        }
        highest = arrival;
      } else {
        generator.onLate(arrival, 0);
        expected.remove((long) arrival);
      }
    }
    long[] asked = new long[NackGenerator.CAPACITY];
    int count = generator.collect(highest + 10, 100 * MS, asked);
    assertArrayEquals(
        expected.stream().mapToLong(Long::longValue).toArray(), Arrays.copyOf(asked, count));
  }
}
