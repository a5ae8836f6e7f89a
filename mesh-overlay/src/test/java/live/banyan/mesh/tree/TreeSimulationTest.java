package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.TreeSimulation.MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import live.banyan.mesh.tree.TreeSimulation.Node;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** What a site of nodes does together. A failure prints the seed; the seed replays. */
class TreeSimulationTest {

  /** Nodes 1 and 2 take one child each: 1 -> 2 -> 3. */
  private static TreeSimulation chain(long seed, double loss) {
    TreeSimulation sim = new TreeSimulation(seed, 3, 1, loss);
    sim.publish(sim.node(1), 1);
    sim.run(50 * MS);
    sim.node(2).want();
    sim.run(1_500 * MS);
    sim.node(3).want();
    sim.run(1_500 * MS);
    assertEquals(sim.node(1).id, sim.node(2).tree.parentId(), sim.picture());
    assertEquals(sim.node(2).id, sim.node(3).tree.parentId(), sim.picture());
    assertTrue(sim.node(3).hasMedia, sim.picture());
    return sim;
  }

  @Property(tries = 50)
  void aChainForms(@ForAll long seed) {
    TreeSimulation sim = chain(seed, 0.05);
    assertEquals(0, sim.longestLoopNs);
  }

  /** Two round trips for the link, one for the JOIN, jitter: nothing in a join waits for a poll. */
  @Property(tries = 50)
  void aJoinTakesRoundTripsAndNothingElse(@ForAll long seed) {
    TreeSimulation sim = chain(seed, 0);
    for (int i = 2; i <= 3; i++) {
      Node node = sim.node(i);
      long joinNs = node.attachedNs - node.wantedNs;
      long boundNs = 6 * (sim.baseDelayNs(sim.node(i - 1), node) + 2 * MS);
      assertTrue(joinNs <= boundNs, "join " + joinNs / MS + " ms, bound " + boundNs / MS);
    }
  }

  @Property(tries = 50)
  void bothHopsColdAtOnce(@ForAll long seed) {
    TreeSimulation sim = new TreeSimulation(seed, 3, 1, 0);
    sim.publish(sim.node(1), 1);
    sim.run(50 * MS);
    sim.node(2).want();
    sim.node(3).want();
    sim.run(2_000 * MS);
    assertTrue(sim.node(2).hasMedia && sim.node(3).hasMedia, sim.picture());
  }

  @Property(tries = 50)
  void whenTheMiddleDiesTheEndMovesUp(@ForAll long seed) {
    TreeSimulation sim = chain(seed, 0.02);
    sim.kill(sim.node(2));
    sim.run(4_000 * MS);
    assertEquals(sim.node(1).id, sim.node(3).tree.parentId(), sim.picture());
    assertTrue(sim.node(3).hasMedia, sim.picture());
    assertTrue(sim.node(3).gapNs < 1_500 * MS, "gap ms " + sim.node(3).gapNs / MS);
  }

  @Property(tries = 50)
  void aDrainMovesWithoutAGap(@ForAll long seed) {
    TreeSimulation sim = chain(seed, 0.05);
    Node end = sim.node(3);
    end.history.clear();
    sim.node(2).unwant();
    sim.node(2).drain();
    sim.run(5_000 * MS);
    assertEquals(sim.node(1).id, end.tree.parentId(), sim.picture());
    assertEquals(List.of("attach " + sim.node(1).id, "detach " + sim.node(2).id), end.history);
    assertEquals(0, end.gapNs, "no moment without media");
    assertTrue(sim.node(2).tree.isDrained());
    assertEquals("", sim.node(2).tree.parentId(), "it has left");
    assertEquals(List.of(end.id), sim.node(1).tree.children());
  }

  @Property(tries = 50)
  void thePublisherComesBackElsewhere(@ForAll long seed) {
    TreeSimulation sim = chain(seed, 0.02);
    sim.node(1).want();
    sim.unpublish(sim.node(1));
    sim.run(3_000 * MS);
    sim.publish(sim.node(3), 2);
    sim.run(5_000 * MS);
    assertTrue(sim.node(1).hasMedia && sim.node(2).hasMedia && sim.node(3).hasMedia, sim.picture());
    assertEquals(2L, sim.node(1).attached.get(sim.node(1).tree.parentId()));
    assertEquals(2L, sim.node(2).attached.get(sim.node(2).tree.parentId()));
  }

  @Property(tries = 50)
  void thePublisherComesBackToTheSameNode(@ForAll long seed) {
    TreeSimulation sim = chain(seed, 0.02);
    sim.unpublish(sim.node(1));
    sim.run(10_000 * MS);
    sim.publish(sim.node(1), 2);
    sim.run(3_000 * MS);
    assertEquals(sim.node(1).id, sim.node(2).tree.parentId(), sim.picture());
    assertEquals(sim.node(2).id, sim.node(3).tree.parentId(), sim.picture());
    assertEquals(2L, sim.node(2).attached.get(sim.node(1).id));
    assertEquals(2L, sim.node(3).attached.get(sim.node(2).id));
    assertTrue(sim.node(3).hasMedia, sim.picture());
  }

  @Test
  void aMinuteWithoutPublisherEndsTheTree() {
    TreeSimulation sim = chain(1, 0);
    sim.unpublish(sim.node(1));
    sim.run(55_000 * MS);
    assertEquals(sim.node(1).id, sim.node(2).tree.parentId());
    sim.run(10_000 * MS);
    for (Node node : sim.nodes) {
      assertEquals(TreeState.IDLE, node.tree.state(), sim.picture());
      assertTrue(node.tree.isIdle(), sim.picture());
      assertEquals(0, node.slots.used());
    }
  }

  @Test
  void aStreamLingersAndThenGoes() {
    TreeSimulation sim = chain(2, 0);
    sim.node(3).unwant();
    sim.run(4_900 * MS);
    assertTrue(sim.node(3).hasMedia);
    sim.run(500 * MS);
    assertTrue(sim.node(3).tree.isIdle());
    assertTrue(sim.node(2).tree.children().isEmpty());
    assertTrue(sim.node(2).hasMedia, "node 2 has viewers of its own");
  }

  /** The root's only place is for those who watch: 1 -> 3 -> 2 would leave 3 between them. */
  @Property(tries = 50)
  void whoOnlyLingersTakesNoPlaceInTheNextEpoch(@ForAll long seed) {
    TreeSimulation sim = new TreeSimulation(seed, 3, 1, 0.02);
    sim.publish(sim.node(1), 1);
    sim.run(50 * MS);
    sim.node(3).want();
    sim.run(1_500 * MS);
    assertEquals(sim.node(1).id, sim.node(3).tree.parentId(), sim.picture());
    sim.node(3).unwant();
    sim.run(500 * MS);
    sim.publish(sim.node(1), 2);
    sim.run(200 * MS); // who asks before node 3 has heard of it may still become its child
    sim.node(2).want();
    sim.run(1_500 * MS);
    assertEquals(sim.node(1).id, sim.node(2).tree.parentId(), sim.picture());
    assertTrue(sim.node(2).hasMedia, sim.picture());
    assertTrue(sim.node(3).tree.isIdle(), sim.picture());
  }

  @Property(tries = 50)
  void whoLingersInTheMiddleLetsTheEndMoveUpInTheNextEpoch(@ForAll long seed) {
    TreeSimulation sim = chain(seed, 0.02);
    sim.node(3).unwant();
    sim.run(500 * MS);
    sim.unpublish(sim.node(1));
    sim.publish(sim.node(2), 2);
    sim.run(200 * MS);
    sim.node(1).want();
    sim.run(2_000 * MS);
    assertEquals(sim.node(2).id, sim.node(1).tree.parentId(), sim.picture());
    assertTrue(sim.node(1).hasMedia, sim.picture());
    assertTrue(sim.node(3).tree.isIdle(), sim.picture());
  }

  @Test
  void afterAllSlotsAreTakenTheNextIsRefused() {
    TreeSimulation sim = new TreeSimulation(3, 4, 1, 0);
    sim.publish(sim.node(1), 1);
    sim.run(50 * MS);
    sim.node(2).want();
    sim.run(500 * MS);
    // Node 2 serves somebody of another stream.
    assertTrue(sim.node(2).slots.take("x", "other"));
    sim.node(3).want();
    sim.run(3_000 * MS);
    assertEquals(Refusal.FULL, sim.node(3).refusal);
    assertTrue(sim.node(3).tree.isIdle());
    sim.node(4).unwant();
    sim.node(2).slots.release("x", "other");
    sim.node(3).want();
    sim.run(1_000 * MS);
    assertTrue(sim.node(3).hasMedia, sim.picture());
  }

  @Property(tries = 10)
  void tenNodesLoseTheirMiddle(@ForAll long seed) {
    crowd(seed, 10, 2, 0.03, 2);
  }

  @Property(tries = 4)
  void fiftyNodesUnderChurn(@ForAll long seed) {
    crowd(seed, 50, 3, 0.05, 10);
  }

  static TreeSimulation crowd(long seed, int count, int maxChildren, double loss, int kills) {
    TreeSimulation sim = new TreeSimulation(seed, count, maxChildren, loss);
    sim.publish(sim.node(1), 1);
    sim.run(50 * MS);
    for (int i = 2; i <= count; i++) {
      sim.node(i).want();
      sim.run(sim.random.nextInt(60) * MS);
    }
    sim.run(8_000 * MS);
    assertAllFlow(sim);
    for (int i = 0; i < kills; i++) {
      Node victim = sim.node(2 + sim.random.nextInt(count - 1));
      sim.kill(victim);
      sim.run((300 + sim.random.nextInt(1_500)) * MS);
    }
    sim.run(8_000 * MS);
    assertAllFlow(sim);
    for (int i = 0; i < kills / 2; i++) {
      Node leaver = sim.node(2 + sim.random.nextInt(count - 1));
      if (leaver.alive) {
        leaver.unwant();
        leaver.drain();
        sim.run(1_000 * MS);
      }
    }
    sim.run(10_000 * MS);
    assertAllFlow(sim);
    return sim;
  }

  private static void assertAllFlow(TreeSimulation sim) {
    for (Node node : sim.nodes) {
      if (node.alive && node.wants) {
        assertTrue(
            node.hasMedia,
            sim.at() + node.id + " is dry, refused " + node.refusal + "\n" + sim.picture());
      }
    }
  }

  @Test
  void aSeedReplays() {
    assertEquals(trace(7), trace(7));
    assertNotEquals(trace(7), trace(8));
  }

  private static long trace(long seed) {
    TreeSimulation sim = new TreeSimulation(seed, 10, 2, 0.1);
    sim.publish(sim.node(1), 1);
    sim.run(50 * MS);
    for (int i = 2; i <= 10; i++) {
      sim.node(i).want();
    }
    sim.run(3_000 * MS);
    sim.kill(sim.node(2));
    sim.run(3_000 * MS);
    return sim.traceHash;
  }
}
