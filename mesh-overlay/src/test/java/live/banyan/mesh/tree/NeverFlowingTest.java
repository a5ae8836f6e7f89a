package live.banyan.mesh.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import live.banyan.mesh.wire.TreeMessage;
import org.junit.jupiter.api.Test;

/** A parent that has accepted, but whose media never comes, and nobody else who has the stream. */
class NeverFlowingTest {
  private static final String STREAM = "show";
  private static final String SELF = "0".repeat(32);
  private static final String PARENT = "1".repeat(32);
  private static final long EPOCH = 5;
  private static final long MS = 1_000_000L;
  private static final long PATIENCE_MS = 10_000;

  private static final Candidate ONLY =
      new Candidate(PARENT, List.of(PARENT), EPOCH, 1, false, true, MS);

  private static final Surroundings ONE =
      new Surroundings() {
        @Override
        public List<Candidate> carriers(String stream) {
          return List.of(ONLY);
        }

        @Override
        public Optional<Candidate> peer(String nodeId, String stream) {
          return nodeId.equals(PARENT) ? Optional.of(ONLY) : Optional.empty();
        }
      };

  private final SplittableRandom random = new SplittableRandom(7);
  private final StreamTree tree = new StreamTree(STREAM, SELF, new ChildSlots(1));
  private long nowNs = MS;

  private List<TreeAction> step(TreeEvent event) {
    return tree.step(event, ONE, nowNs, random);
  }

  /** The joins that leave the node within the time, with a parent that answers its keeps. */
  private List<TreeAction.SendJoin> joins(long ms, boolean flowing) {
    List<TreeAction.SendJoin> sent = new ArrayList<>();
    long endNs = nowNs + ms * MS;
    long pathDueNs = nowNs;
    while (nowNs < endNs) {
      nowNs += 10 * MS;
      List<TreeAction> actions = new ArrayList<>(step(new TreeEvent.Tick()));
      if (nowNs >= pathDueNs) {
        pathDueNs = nowNs + 1_000 * MS;
        actions.addAll(heard(new TreeMessage.Path(STREAM, EPOCH, List.of(PARENT))));
      }
      if (flowing) {
        actions.addAll(step(new TreeEvent.ParentFlowing(PARENT)));
      }
      actions.stream()
          .filter(TreeAction.SendJoin.class::isInstance)
          .map(TreeAction.SendJoin.class::cast)
          .forEach(sent::add);
    }
    return sent;
  }

  private List<TreeAction> heard(TreeMessage message) {
    return step(new TreeEvent.Heard(PARENT, message));
  }

  private void accept(TreeAction.SendJoin join) {
    heard(
        new TreeMessage.Accept(
            STREAM, EPOCH, join.attempt(), List.of(PARENT), 0, 1, new byte[] {1}));
    assertEquals(PARENT, tree.parentId());
  }

  private void join() {
    step(new TreeEvent.StreamSeen(EPOCH, PARENT, true));
    List<TreeAction> actions = step(new TreeEvent.Wanted());
    accept(
        (TreeAction.SendJoin)
            actions.stream().filter(TreeAction.SendJoin.class::isInstance).findFirst().get());
  }

  @Test
  void itIsAskedAnew() {
    join();
    List<TreeAction.SendJoin> again = joins(PATIENCE_MS, false);
    assertTrue(!again.isEmpty());
    accept(again.getLast());
    assertEquals(List.of(), joins(PATIENCE_MS, true));
  }

  @Test
  void oneThatFlowsIsLeftInPeace() {
    join();
    assertEquals(List.of(), joins(PATIENCE_MS, true));
  }

  @Test
  void oneWhoseBroadcasterIsAwayIsLeftInPeace() {
    join();
    step(new TreeEvent.StreamSeen(EPOCH, PARENT, false));
    assertEquals(List.of(), joins(PATIENCE_MS, false));
  }
}
