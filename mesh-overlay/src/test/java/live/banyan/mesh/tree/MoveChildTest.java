package live.banyan.mesh.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import live.banyan.mesh.wire.TreeMessage;
import org.junit.jupiter.api.Test;

/** A child that may stay no longer is shown the others first, and hears of no blame. */
class MoveChildTest {
  private static final String SELF = "0".repeat(32);
  private static final String CHILD = "1".repeat(32);
  private static final String OTHER = "2".repeat(32);
  private static final long MS = 1_000_000L;

  private static final Surroundings NOBODY = new Nobody();

  private final SplittableRandom random = new SplittableRandom(7);
  private final ChildSlots slots = new ChildSlots(2);
  private final StreamTree tree = new StreamTree("show", SELF, slots);
  private long nowNs = MS;

  private List<TreeAction> step(TreeEvent event) {
    nowNs += MS;
    return tree.step(event, NOBODY, nowNs, random);
  }

  private void child(String nodeId) {
    step(new TreeEvent.Heard(nodeId, new TreeMessage.Join("show", 1, 7, new byte[0])));
    step(new TreeEvent.ChildOpened(nodeId, 7, new byte[] {1}));
  }

  @Test
  void itKeepsItsPlaceUntilItHasHadItsTime() {
    step(new TreeEvent.Rooted(1));
    step(new TreeEvent.StreamSeen(1, SELF, true));
    child(CHILD);
    child(OTHER);
    List<TreeAction> shown = step(new TreeEvent.MoveChild(CHILD, false));
    assertTrue(
        shown.contains(
            new TreeAction.Send(CHILD, new TreeMessage.Draining("show", List.of(OTHER)))),
        shown.toString());
    assertEquals(List.of(CHILD, OTHER), tree.children(), "media flows until it has moved");
    List<TreeAction> dropped = step(new TreeEvent.MoveChild(CHILD, true));
    assertTrue(dropped.contains(new TreeAction.CloseChild(CHILD)), dropped.toString());
    assertTrue(
        dropped.contains(
            new TreeAction.Send(CHILD, new TreeMessage.Reject("show", 0, TreeMessage.Reason.FULL))),
        dropped.toString());
    assertEquals(List.of(OTHER), tree.children());
    assertEquals(1, slots.free());
    assertEquals(List.of(), step(new TreeEvent.MoveChild(CHILD, true)), "it is gone already");
  }
}
