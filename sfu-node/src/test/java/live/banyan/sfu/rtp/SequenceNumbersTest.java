package live.banyan.sfu.rtp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

class SequenceNumbersTest {

  /** The pseudocode of RFC 3711 appendix A, word for word. */
  private static long appendixA(long roc, int newest, int sequence) {
    long v;
    if (newest < 32_768) {
      v = sequence - newest > 32_768 ? roc - 1 : roc;
    } else {
      v = newest - 32_768 > sequence ? roc + 1 : roc;
    }
    return v * 65_536 + sequence;
  }

  @Property(tries = 5_000)
  void guessesAsRfc3711Does(
      @ForAll @LongRange(min = 0, max = 0xFFFF_FFFFL) long roc,
      @ForAll @IntRange(max = 0xFFFF) int newest,
      @ForAll @IntRange(max = 0xFFFF) int sequence) {
    assertEquals(
        appendixA(roc, newest, sequence), SequenceNumbers.extend(roc << 16 | newest, sequence));
  }

  @Test
  void theRfcsEdges() {
    assertEquals(0x8000, SequenceNumbers.extend(0, 0x8000));
    assertEquals(-0x7FFF, SequenceNumbers.extend(0, 0x8001));
    assertEquals(0x10000, SequenceNumbers.extend(0xFFFF, 0));
    assertEquals(0x8000, SequenceNumbers.extend(0x8000, 0x8000));
    assertEquals(0, SequenceNumbers.extend(0x8000, 0));
  }

  @Property
  void unwrapsAnyWalkOfSmallSteps(
      @ForAll @IntRange(max = 0xFFFF) int start,
      @ForAll java.util.List<@IntRange(min = -300, max = 3_000) Integer> steps) {
    SequenceExtender extender = new SequenceExtender();
    assertTrue(extender.isEmpty());
    long truth = start;
    long newest = start;
    assertEquals(start, extender.extend(start));
    for (int step : steps) {
      truth = newest + step;
      assertEquals(truth, extender.estimate((int) (truth & 0xFFFF)));
      assertEquals(truth, extender.extend((int) (truth & 0xFFFF)));
      newest = Math.max(newest, truth);
      assertEquals(newest, extender.newest());
    }
  }

  @Test
  void aPacketFromBeforeTheFirstIsNegative() {
    SequenceExtender extender = new SequenceExtender();
    extender.extend(2);
    assertEquals(-6, extender.extend(65_530));
    assertEquals(2, extender.newest());
  }

  @Test
  void comparesAcrossTheWrap() {
    assertTrue(SequenceNumbers.isNewer(0, 65_535));
    assertFalse(SequenceNumbers.isNewer(65_535, 0));
    assertFalse(SequenceNumbers.isNewer(7, 7));
    assertEquals(3, SequenceNumbers.distance(65_534, 1));
    assertTrue(SequenceNumbers.isNewerTimestamp(Integer.MIN_VALUE, Integer.MAX_VALUE));
    assertEquals(0x1_0000_0001L, SequenceNumbers.extendTimestamp(0xFFFF_FFFFL, 1));
    assertEquals(-1, SequenceNumbers.extendTimestamp(0, -1));
  }

  @Property
  void wallClockSurvivesNtp(@ForAll @LongRange(min = 0, max = 4_000_000_000_000_000_000L) long ns) {
    assertEquals(ns, NtpTime.toEpochNs(NtpTime.ofEpochNs(ns)));
  }

  @Property
  void roundTripIsWhatItWas(
      @ForAll @LongRange(min = 1_700_000_000_000_000_000L, max = 3_000_000_000_000_000_000L)
          long sent,
      @ForAll @LongRange(max = 10_000_000_000L) long heldNs,
      @ForAll @LongRange(max = 10_000_000_000L) long rttNs) {
    int lsr = NtpTime.compact(NtpTime.ofEpochNs(sent));
    int dlsr = NtpTime.compactDuration(heldNs);
    if (lsr == 0) {
      return;
    }
    long measured = NtpTime.roundTripNs(NtpTime.ofEpochNs(sent + heldNs + rttNs), lsr, dlsr);
    assertEquals(rttNs, measured, 50_000);
  }

  @Test
  void roundTripWithoutASenderReportIsUnknown() {
    assertEquals(-1, NtpTime.roundTripNs(NtpTime.ofEpochNs(0), 0, 0));
  }
}
