package live.banyan.node;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class BusynessTest {
  private static final long WINDOW = Busyness.WINDOW_NS;

  private long usedNs;
  private final Busyness busyness = new Busyness(() -> usedNs);

  /** Ten turns in a second that begins at a time, with a processor for a share of it. */
  private void second(long from, double share) {
    for (int i = 0; i < 10; i++) {
      busyness.turned(from + i * WINDOW / 10);
      usedNs += (long) (share * WINDOW / 10);
    }
    busyness.turned(from + WINDOW);
  }

  @Test
  void aShareIsOfTheQuieterOfTwoSeconds() {
    second(-3 * WINDOW, 0.5);
    assertEquals(0, busyness.share(), "one second may be a burst");
    second(-2 * WINDOW, 0.3);
    assertEquals(0.3, busyness.share(), 0.001);
    second(-WINDOW, 0.8);
    assertEquals(0.3, busyness.share(), 0.001);
    second(0, 0.8);
    assertEquals(0.8, busyness.share(), 0.001);
    second(WINDOW, 0);
    assertEquals(0, busyness.share(), 0.001);
  }

  @Test
  void aLongSleepIsNoWork() {
    second(0, 1);
    second(WINDOW, 1);
    assertEquals(1, busyness.share(), 0.001);
    busyness.turned(12 * WINDOW);
    assertEquals(0, busyness.share(), 0.001);
  }
}
