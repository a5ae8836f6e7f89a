package live.banyan.sfu.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import live.banyan.sfu.rtcp.RtcpCompound;
import live.banyan.sfu.rtcp.RtcpVisitor;
import live.banyan.sfu.rtcp.TransportFeedback;
import live.banyan.sfu.rtp.Packets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class TwccArrivalsTest {
  private static final long MS = 1_000_000;

  private final TwccArrivals arrivals = new TwccArrivals();
  private final Map<Integer, Long> arrivedUs = new TreeMap<>();
  private final TreeSet<Integer> missing = new TreeSet<>();
  private int feedbacks;
  private int lastFeedbackCount = -1;

  private void drain(long nowNs, int room) {
    MemorySegment dst = Packets.empty(room);
    for (int length; (length = arrivals.writeFeedback(dst, 0, room, 1, 2, nowNs)) > 0; ) {
      assertTrue(length <= room);
      feedbacks++;
      assertTrue(feedbacks < 1_000, "feedback must come to an end");
      assertEquals(1, RtcpCompound.walk(dst, 0, length, new Reader()));
    }
  }

  private final class Reader implements RtcpVisitor, TransportFeedback.Visitor {
    @Override
    public void transportFeedback(
        int sender, int media, MemorySegment segment, long offset, int length) {
      assertTrue(TransportFeedback.parse(segment, offset, length, this));
    }

    @Override
    public void begin(int baseSequence, int statusCount, long referenceTimeUs, int feedbackCount) {
      assertEquals(lastFeedbackCount + 1 & 0xFF, feedbackCount);
      lastFeedbackCount = feedbackCount;
    }

    @Override
    public void received(int sequence, long arrivalUs) {
      arrivedUs.put(sequence, arrivalUs);
      missing.remove(sequence);
    }

    @Override
    public void missing(int firstSequence, int count) {
      for (int i = 0; i < count; i++) {
        if (!arrivedUs.containsKey(firstSequence + i & 0xFFFF)) {
          missing.add(firstSequence + i & 0xFFFF);
        }
      }
    }
  }

  @Test
  void isDueAfterTheIntervalAndOnlyWithNews() {
    assertFalse(arrivals.isDue(0));
    assertEquals(Long.MAX_VALUE, arrivals.nextFeedbackNs());
    arrivals.record(1, 5 * MS);
    assertFalse(arrivals.isDue(54 * MS));
    assertEquals(55 * MS, arrivals.nextFeedbackNs());
    assertTrue(arrivals.isDue(55 * MS));
    drain(55 * MS, 1_200);
    assertEquals(1, feedbacks);
    assertFalse(arrivals.isDue(500 * MS));
  }

  @Test
  void reportsLossAcrossTheWrap() {
    arrivals.record(65_534, 0);
    arrivals.record(1, 10 * MS);
    drain(50 * MS, 1_200);
    assertEquals(new TreeSet<>(List.of(65_535, 0)), missing);
    assertEquals(Map.of(65_534, 0L, 1, 10_000L), arrivedUs);
    // The late one takes its loss back.
    arrivals.record(65_535, 60 * MS);
    drain(100 * MS, 1_200);
    assertEquals(new TreeSet<>(List.of(0)), missing);
    assertEquals(60_000, arrivedUs.get(65_535));
  }

  @Test
  void aPacketOvertakenByTheFirstIsReportedToo() {
    arrivals.record(0, 0);
    arrivals.record(65_535, 1_000_000);
    drain(50 * MS, 1_200);
    assertEquals(Map.of(0, 0L, 65_535, 1_000L), arrivedUs);
  }

  @Test
  void aHugeJumpIsBounded() {
    arrivals.record(0, 0);
    arrivals.record(30_000, MS);
    arrivals.record(30_001, 20_000 * MS);
    drain(20_001 * MS, 1_200);
    assertTrue(arrivedUs.containsKey(30_000) && arrivedUs.containsKey(30_001));
    assertTrue(missing.size() <= TwccArrivals.CAPACITY);
  }

  @Property(tries = 500)
  void everyArrivalIsReportedOnceItFits(
      @ForAll @IntRange(max = 0xFFFF) int start,
      @ForAll @IntRange(min = 64, max = 1_200) int room,
      @ForAll @Size(max = 400) List<@IntRange(min = -12, max = 40) Integer> steps) {
    new TwccArrivalsTest().reportsAll(start, room, steps);
  }

  private void reportsAll(int start, int room, List<Integer> steps) {
    TreeMap<Integer, Long> truth = new TreeMap<>();
    long newest = start;
    long nowNs = -3_000 * MS;
    for (int step : steps) {
      nowNs += (step & 7) * 700_000L;
      long index = newest + step;
      newest = Math.max(newest, index);
      arrivals.record((int) index & 0xFFFF, nowNs);
      truth.putIfAbsent(
          (int) index & 0xFFFF, Math.floorDiv(Math.floorDiv(nowNs, 1_000L), 250L) * 250);
      if (step % 7 == 0) {
        drain(nowNs, room);
      }
    }
    drain(nowNs, room);
    assertEquals(truth, arrivedUs);
    assertTrue(missing.stream().noneMatch(truth::containsKey));
  }
}
