package live.banyan.sfu.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OpeningBurstTest {
  private static final long MS = 1_000_000L;
  private static final int TICKS = 3_000;

  private final OpeningBurst burst = new OpeningBurst();

  @Test
  void latenciesCountFromWhereTheViewerHasCaughtUp() {
    for (int frame = 0; frame < 30; frame++) {
      // A second of media within 30 ms.
      assertFalse(burst.over(frame * TICKS, frame * 33 * MS, frame * MS), "frame " + frame);
      assertFalse(burst.over(frame * TICKS, frame * 33 * MS, frame * MS), "a second packet of it");
    }
    assertFalse(burst.over(30 * TICKS, 990 * MS, 33 * MS), "the first live one came soon after");
    assertTrue(burst.over(31 * TICKS, 1_023 * MS, 66 * MS));
    assertTrue(burst.over(32 * TICKS, 1_056 * MS, 67 * MS), "a later burst is the path's doing");
  }

  @Test
  void aStreamWithoutABurstCountsFromItsSecondFrame() {
    assertFalse(burst.over(0, 0, 0));
    assertFalse(burst.over(-TICKS, -33 * MS, 20 * MS), "late");
    assertTrue(burst.over(TICKS, 33 * MS, 30 * MS));
  }
}
