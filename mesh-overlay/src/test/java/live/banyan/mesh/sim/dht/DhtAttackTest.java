package live.banyan.mesh.sim.dht;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Three of ten nodes lie and have gathered around the record. */
class DhtAttackTest {
  private static final double LYING = 0.3;
  private static final int SEEDS = 10;
  private static final int GETS = 100;

  @Test
  void recordsAreFoundAmongLiars() {
    List<String> seeds = new ArrayList<>();
    int found = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      DhtMeasures measures = DhtAttack.run(300, LYING, 1, GETS, seed);
      found += measures.found();
      seeds.add("seed " + seed + ": " + measures);
      assertTrue(measures.p50Ms() <= 400, seeds.getLast());
    }
    assertTrue(found >= 0.999 * SEEDS * GETS, String.join("\n", seeds));
  }

  @Test
  void aSeedReplays() {
    assertEquals(DhtAttack.run(100, LYING, 8, 20, 7), DhtAttack.run(100, LYING, 8, 20, 7));
  }
}
