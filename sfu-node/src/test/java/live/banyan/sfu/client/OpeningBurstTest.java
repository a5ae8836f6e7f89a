package live.banyan.sfu.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class OpeningBurstTest {
  private static final long MS = 1_000_000L;
  private static final int CLOCK_HZ = 90_000;
  private static final int FRAME = 3_000;

  private final OpeningBurst burst = new OpeningBurst();

  private boolean over(int timestamp, long captureMs) {
    return burst.over(timestamp, CLOCK_HZ, captureMs * MS);
  }

  @Test
  void latenciesCountFromWhereTheViewerHasCaughtUp() {
    int timestamp = Integer.MAX_VALUE - 1_000;
    long captureMs = 0;
    for (int frame = 0; frame < 30; frame++) {
      timestamp += FRAME / 32;
      captureMs += 33;
      assertFalse(over(timestamp, captureMs), "frame " + frame);
      assertFalse(over(timestamp, captureMs), "a second packet of it");
      assertFalse(over(timestamp - FRAME / 32, captureMs - 33), "late");
    }
    assertTrue(over(timestamp + FRAME, captureMs + 33));
    assertTrue(over(timestamp + FRAME + 1, captureMs + 66), "a later burst is the path's doing");
  }

  @Test
  void aStreamWithoutABurstCountsFromItsSecondFrame() {
    assertFalse(over(77, 1_000));
    assertTrue(over(77 + FRAME, 1_033));
  }
}
