package live.banyan.mesh.sim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;

/** That a run can be believed: it repeats itself. */
class SimulationTest {
  private static SimResult run(Scenario scenario, long seed) {
    return Simulation.run(new SimSettings(200, 40, seed, scenario), line -> {});
  }

  @Test
  void aSeedReplays() {
    for (Scenario scenario : Scenario.values()) {
      assertEquals(run(scenario, 7).toString(), run(scenario, 7).toString(), scenario.label());
    }
    assertNotEquals(run(Scenario.STEADY, 7).figures(), run(Scenario.STEADY, 8).figures());
  }

  @Test
  void labelsAreFoundAgain() {
    for (Scenario scenario : Scenario.values()) {
      assertEquals(scenario, Scenario.of(scenario.label()).orElseThrow());
    }
  }
}
