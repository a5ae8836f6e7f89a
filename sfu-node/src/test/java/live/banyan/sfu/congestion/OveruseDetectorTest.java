package live.banyan.sfu.congestion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import live.banyan.sfu.congestion.OveruseDetector.Usage;
import org.junit.jupiter.api.Test;

class OveruseDetectorTest {
  private final OveruseDetector detector = new OveruseDetector();
  private long arrivalUs;

  /** Groups 20 ms apart that each arrive later by {@code growthUs}. @return groups until usage */
  private int until(Usage wanted, int groups, long growthUs) {
    for (int i = 1; i <= groups; i++) {
      arrivalUs += 20_000 + growthUs;
      detector.onGroup(20_000, 20_000 + growthUs, arrivalUs);
      if (detector.usage() == wanted) {
        return i;
      }
    }
    return -1;
  }

  @Test
  void seesAQueueGrowAndShrink() {
    assertEquals(-1, until(Usage.OVER, 100, 0));
    int seen = until(Usage.OVER, 60, 2_000);
    assertTrue(seen > 0 && seen < 30, "after " + seen + " groups");
    assertTrue(until(Usage.UNDER, 60, -3_000) > 0);
    assertTrue(until(Usage.NORMAL, 100, 0) > 0);
  }

  @Test
  void takesJitterForNothingElse() {
    Random random = new Random(3);
    int over = 0;
    long before = 0;
    for (int i = 0; i < 3_000; i++) {
      long jitter = random.nextLong(6_000);
      long delta = 20_000 + jitter - before;
      before = jitter;
      arrivalUs += delta;
      detector.onGroup(20_000, delta, arrivalUs);
      over += detector.usage() == Usage.OVER ? 1 : 0;
    }
    assertTrue(over < 30, over + " of 3000");
  }
}
