package live.banyan.node.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class SoakSeriesTest {
  private static final int SAMPLES = 60;
  private static final double SHARE = 0.05;

  private static SoakSeries series(IntToDoubleFunction value) {
    SoakSeries series = new SoakSeries();
    for (int i = 0; i < SAMPLES; i++) {
      series.add(30.0 * i, value.applyAsDouble(i));
    }
    return series;
  }

  @Test
  void aSlowLeakGrows() {
    Random noise = new Random(1);
    SoakSeries leaking = series(i -> 24 + 0.05 * i + noise.nextGaussian() / 2);
    assertTrue(leaking.grows(SHARE));
    assertEquals(6, leaking.perHour(), 1.5);
  }

  @Test
  void warmingUpIsNoGrowth() {
    assertFalse(series(i -> Math.min(180, 120 + 4 * i)).grows(SHARE));
  }

  @Test
  void chanceIsNoGrowth() {
    for (int seed = 0; seed < 100; seed++) {
      Random noise = new Random(seed);
      assertFalse(series(i -> 45 + 6.5 * noise.nextGaussian()).grows(0.2), "seed " + seed);
    }
  }

  @Test
  void whatShrinksDoesNotGrow() {
    assertFalse(series(i -> 100 - i).grows(SHARE));
  }

  @Test
  void aTableThatStaysEmptyDoesNotGrow() {
    assertFalse(series(i -> 0).grows(SHARE));
  }
}
