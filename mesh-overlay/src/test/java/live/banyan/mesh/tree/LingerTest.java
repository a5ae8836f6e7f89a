package live.banyan.mesh.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import live.banyan.mesh.wire.TreeMessage;
import org.junit.jupiter.api.Test;

/** A stream that nobody takes is kept as it is; no other node is asked for it. */
class LingerTest {
  private static final String STREAM = "live";
  private static final String SELF = "0".repeat(32);
  private static final String ROOT = "1".repeat(32);
  private static final String OTHER = "2".repeat(32);
  private static final String CHILD = "3".repeat(32);
  private static final long MS = 1_000_000L;

  private final Surroundings around =
      new Surroundings() {
        @Override
        public List<Candidate> carriers(String stream) {
          return List.of(candidate(ROOT), candidate(OTHER));
        }

        @Override
        public Optional<Candidate> peer(String nodeId, String stream) {
          return Optional.of(candidate(nodeId));
        }
      };

  private final SplittableRandom random = new SplittableRandom(7);
  private final StreamTree tree = new StreamTree(STREAM, SELF, new ChildSlots(1));
  private long nowNs = MS;

  private static Candidate candidate(String nodeId) {
    List<String> path = nodeId.equals(ROOT) ? List.of(ROOT) : List.of(ROOT, OTHER);
    return new Candidate(nodeId, path, -1, 1, false, true, MS);
  }

  private List<TreeAction> step(TreeEvent event) {
    nowNs += MS;
    return tree.step(event, around, nowNs, random);
  }

  private static Optional<TreeAction.SendJoin> joinIn(List<TreeAction> actions) {
    return actions.stream()
        .filter(TreeAction.SendJoin.class::isInstance)
        .map(TreeAction.SendJoin.class::cast)
        .findFirst();
  }

  private static boolean leaves(List<TreeAction> actions) {
    return actions.stream()
        .anyMatch(a -> a instanceof TreeAction.DetachParent d && d.parentId().equals(ROOT));
  }

  /** Below the root, with media, and nobody watches any more. */
  private void linger() {
    step(new TreeEvent.StreamSeen(1, ROOT, true));
    TreeAction.SendJoin join = joinIn(step(new TreeEvent.Wanted())).orElseThrow();
    assertEquals(ROOT, join.to());
    step(
        new TreeEvent.Heard(
            ROOT,
            new TreeMessage.Accept(
                STREAM, 1, join.attempt(), List.of(ROOT), 0, 1, new byte[] {1})));
    step(new TreeEvent.ParentFlowing(ROOT));
    step(new TreeEvent.Unwanted());
    assertEquals(ROOT, tree.parentId());
  }

  @Test
  void theNextEpochEndsIt() {
    linger();
    List<TreeAction> actions = step(new TreeEvent.StreamSeen(2, ROOT, true));
    assertTrue(leaves(actions), actions.toString());
    assertTrue(joinIn(actions).isEmpty(), actions.toString());
    assertTrue(joinIn(later(2_000)).isEmpty());
    assertTrue(tree.isIdle());
  }

  @Test
  void aParentThatGoesDownIsNotReplaced() {
    linger();
    List<TreeAction> actions =
        step(new TreeEvent.Heard(ROOT, new TreeMessage.Draining(STREAM, List.of(OTHER))));
    assertTrue(leaves(actions), actions.toString());
    assertTrue(joinIn(actions).isEmpty(), actions.toString());
  }

  @Test
  void aParentThatFallsSilentIsNotReplaced() {
    linger();
    List<TreeAction> actions = step(new TreeEvent.ParentSilent(ROOT));
    assertTrue(joinIn(actions).isEmpty(), actions.toString());
    assertTrue(leaves(actions), actions.toString());
  }

  @Test
  void theSameEpochIsKeptForWhoComesBack() {
    linger();
    assertFalse(leaves(step(new TreeEvent.StreamSeen(1, ROOT, true))));
    assertFalse(leaves(later(4_500)));
    List<TreeAction> actions = step(new TreeEvent.Wanted());
    assertTrue(actions.stream().anyMatch(TreeAction.Attached.class::isInstance));
    assertFalse(leaves(later(1_500)));
  }

  @Test
  void aChildNeedsTheNextEpoch() {
    linger();
    step(new TreeEvent.Heard(CHILD, new TreeMessage.Join(STREAM, 1, 5, new byte[0])));
    step(new TreeEvent.ChildOpened(CHILD, 5, new byte[] {1}));
    List<TreeAction> actions = step(new TreeEvent.StreamSeen(2, ROOT, true));
    assertEquals(ROOT, joinIn(actions).orElseThrow().to());
  }

  /** Lets time pass; the parent answers its KEEPs. */
  private List<TreeAction> later(long ms) {
    List<TreeAction> actions = new ArrayList<>();
    for (long untilNs = nowNs + ms * MS; nowNs < untilNs; ) {
      nowNs += 50 * MS;
      if (!tree.parentId().isEmpty()) {
        actions.addAll(
            step(new TreeEvent.Heard(ROOT, new TreeMessage.Path(STREAM, 1, List.of(ROOT)))));
      }
      actions.addAll(step(new TreeEvent.Tick()));
    }
    return actions;
  }
}
