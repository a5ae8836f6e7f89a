package live.banyan.sfu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LatencyHistogramTest {
  @Property
  void quantilesAreThoseOfTheSortedValues(
      @ForAll @Size(min = 1, max = 200)
          List<@LongRange(min = 0, max = 60_000_000_000L) Long> values,
      @ForAll @DoubleRange(min = 0, max = 1) double share) {
    LatencyHistogram histogram = new LatencyHistogram();
    values.forEach(histogram::record);
    List<Long> sorted = values.stream().sorted().toList();
    long exact = sorted.get((int) Math.max(1, Math.ceil(share * sorted.size())) - 1);
    long told = histogram.quantileNs(share);
    assertTrue(Math.abs(told - exact) <= 1_000 + exact / 250, "told " + told + ", exact " + exact);
  }

  @Test
  void extremesStayInside() {
    LatencyHistogram histogram = new LatencyHistogram();
    assertEquals(-1, histogram.quantileNs(0.5));
    histogram.record(-5);
    histogram.record(Long.MAX_VALUE);
    assertEquals(0, histogram.quantileNs(0.5));
    assertEquals(3.6e12, histogram.quantileNs(1), 3.6e12 / 250);
    assertEquals(2, histogram.count());
  }

  @Test
  void sumsAreThoseOfTheParts() {
    LatencyHistogram one = new LatencyHistogram();
    LatencyHistogram two = new LatencyHistogram();
    one.record(10_000_000);
    two.record(20_000_000);
    two.record(30_000_000);
    one.add(two);
    assertEquals(3, one.count());
    assertEquals(20, one.quantileNs(0.5) / 1e6, 0.1);
  }

  @Test
  void whatAnEarlierCopyHeldCanBeTakenAway() {
    LatencyHistogram all = new LatencyHistogram();
    LatencyHistogram earlier = new LatencyHistogram();
    all.record(10_000_000);
    earlier.add(all);
    all.record(20_000_000);
    all.subtract(earlier);
    assertEquals(1, all.count());
    assertEquals(20, all.quantileNs(0) / 1e6, 0.1);
  }
}
