package live.banyan.mesh.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import live.banyan.mesh.wire.TreeMessage;
import org.junit.jupiter.api.Test;

/** Who serves others comes before who serves nobody, and nobody loses anything by it. */
class ReliefTest {
  private static final String STREAM = "show";
  private static final String SELF = "0".repeat(32);
  private static final String LEAF = "1".repeat(32);
  private static final String OTHER_LEAF = "2".repeat(32);
  private static final String BRANCH = "3".repeat(32);
  private static final long MS = 1_000_000L;

  private static final Surroundings NOBODY = new Nobody();

  private final SplittableRandom random = new SplittableRandom(7);

  /** Two places that last, and one more. */
  private final ChildSlots slots = new ChildSlots(3, 1);

  private final StreamTree tree = new StreamTree(STREAM, SELF, slots);
  private long nowNs = MS;

  ReliefTest() {
    step(new TreeEvent.Rooted(1));
    step(new TreeEvent.StreamSeen(1, SELF, true));
  }

  private List<TreeAction> step(TreeEvent event) {
    nowNs += MS;
    return tree.step(event, NOBODY, nowNs, random);
  }

  private List<TreeAction> join(String nodeId, int degree, boolean lost) {
    TreeMessage join = new TreeMessage.Join(STREAM, 1, 7, new byte[0], degree, lost);
    List<TreeAction> actions = step(new TreeEvent.Heard(nodeId, join));
    step(new TreeEvent.ChildOpened(nodeId, 7, new byte[] {1}));
    return actions;
  }

  @Test
  void aLeafIsShownTheWayToWhoCanServeIt() {
    join(LEAF, 0, false);
    join(OTHER_LEAF, 0, false);
    List<TreeAction> joined = join(BRANCH, 4, false);
    assertEquals(List.of(LEAF, OTHER_LEAF, BRANCH), tree.children(), "all flow until one moves");
    TreeAction shown = new TreeAction.Send(LEAF, new TreeMessage.Draining(STREAM, List.of(BRANCH)));
    assertTrue(joined.contains(shown), joined.toString());

    // It is told once, and again when it has not moved after two seconds.
    nowNs += 1_000 * MS;
    List<TreeAction> early = keepAll();
    assertTrue(!early.contains(shown), early.toString());
    nowNs += 1_100 * MS;
    List<TreeAction> again = keepAll();
    assertTrue(again.contains(shown), again.toString());

    step(new TreeEvent.Heard(LEAF, new TreeMessage.Leave(STREAM, 7)));
    assertEquals(List.of(OTHER_LEAF, BRANCH), tree.children());
    nowNs += 3_000 * MS;
    List<TreeAction> after = keepAll();
    assertTrue(
        after.stream()
            .noneMatch(
                a -> a instanceof TreeAction.Send s && s.message() instanceof TreeMessage.Draining),
        after.toString());
  }

  private List<TreeAction> keepAll() {
    List<TreeAction> actions = new ArrayList<>();
    for (String child : tree.children()) {
      boolean branch = child.equals(BRANCH);
      TreeMessage keep = new TreeMessage.Keep(STREAM, 1, branch ? 4 : 0, branch ? 4 : 0);
      actions.addAll(step(new TreeEvent.Heard(child, keep)));
    }
    return actions;
  }

  @Test
  void whoServesNobodyGetsNoPlaceThatDoesNotLast() {
    join(LEAF, 0, false);
    join(BRANCH, 4, false);
    List<TreeAction> refused = join(OTHER_LEAF, 0, false);
    assertEquals(List.of(LEAF, BRANCH), tree.children());
    assertTrue(
        refused.contains(
            new TreeAction.Send(OTHER_LEAF, new TreeMessage.Redirect(STREAM, 7, List.of(BRANCH)))),
        refused.toString());
  }

  @Test
  void whoHasLostItsParentGetsOne() {
    join(LEAF, 0, false);
    join(BRANCH, 4, false);
    join(OTHER_LEAF, 0, true);
    assertEquals(List.of(LEAF, BRANCH, OTHER_LEAF), tree.children());
    assertEquals(0, slots.free());
    assertEquals(1, slots.over());
  }

  /** What a node of version 1 can serve is unknown: it is neither moved nor moved for. */
  @Test
  void whoDoesNotSayItsDegreeStays() {
    step(new TreeEvent.Heard(LEAF, new TreeMessage.Join(STREAM, 1, 7, new byte[0])));
    step(new TreeEvent.Heard(OTHER_LEAF, new TreeMessage.Join(STREAM, 1, 7, new byte[0])));
    List<TreeAction> refused = join(BRANCH, 4, false);
    assertEquals(List.of(LEAF, OTHER_LEAF), tree.children());
    assertTrue(
        refused.contains(
            new TreeAction.Send(
                BRANCH, new TreeMessage.Reject(STREAM, 7, TreeMessage.Reason.FULL))),
        refused.toString());
  }

  @Test
  void anEqualMakesNobodyMove() {
    join(LEAF, 4, false);
    join(OTHER_LEAF, 4, false);
    join(BRANCH, 4, false);
    assertEquals(List.of(LEAF, OTHER_LEAF), tree.children());
  }
}
