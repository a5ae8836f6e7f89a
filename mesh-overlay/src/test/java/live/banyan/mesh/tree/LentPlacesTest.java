package live.banyan.mesh.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import live.banyan.mesh.wire.TreeMessage;
import org.junit.jupiter.api.Test;

/** A broadcaster who is away must not keep other streams from a node's few places. */
class LentPlacesTest {
  private static final String SELF = "0".repeat(32);
  private static final String CHILD = "1".repeat(32);
  private static final String OTHER = "2".repeat(32);
  private static final long MS = 1_000_000L;

  private static final Surroundings NOBODY = new Nobody();

  private final SplittableRandom random = new SplittableRandom(7);
  private final ChildSlots slots = new ChildSlots(1);
  private final StreamTree first = root("first", 1);
  private final StreamTree second = root("second", 2);
  private long nowNs = MS;

  private StreamTree root(String stream, long epoch) {
    StreamTree tree = new StreamTree(stream, SELF, slots);
    tree.step(new TreeEvent.Rooted(epoch), NOBODY, MS, random);
    tree.step(new TreeEvent.StreamSeen(epoch, SELF, true), NOBODY, MS, random);
    return tree;
  }

  private List<TreeAction> step(StreamTree tree, TreeEvent event) {
    nowNs += MS;
    return tree.step(event, NOBODY, nowNs, random);
  }

  private List<TreeAction> join(StreamTree tree, String child, long epoch, long attempt) {
    return step(
        tree,
        new TreeEvent.Heard(
            child, new TreeMessage.Join(tree.stream(), epoch, attempt, new byte[0])));
  }

  private static boolean opens(List<TreeAction> actions, String child) {
    return actions.stream()
        .anyMatch(a -> a instanceof TreeAction.OpenChild o && o.childId().equals(child));
  }

  /** Its publisher has vanished. */
  private void waits(StreamTree tree) {
    step(tree, new TreeEvent.Unrooted());
    step(tree, new TreeEvent.StreamSeen(1, SELF, false));
  }

  @Test
  void theOnlyPlaceIsTakenWhileTheStreamIsLive() {
    assertTrue(opens(join(first, CHILD, 1, 1), CHILD));
    assertTrue(!opens(join(second, OTHER, 2, 1), OTHER));
    assertEquals(0, slots.free());
  }

  @Test
  void aStreamThatWaitsLendsItsPlaceAndTakesItBackWhenItIsFree() {
    join(first, CHILD, 1, 1);
    waits(first);
    assertEquals(1, slots.free());
    assertEquals(List.of(CHILD), first.children());
    step(first, new TreeEvent.StreamSeen(1, SELF, true));
    assertEquals(0, slots.free());
    assertEquals(List.of(CHILD), first.children());
  }

  @Test
  void whoComesBackTooLateIsSentElsewhere() {
    join(first, CHILD, 1, 1);
    step(first, new TreeEvent.Unrooted());
    step(first, new TreeEvent.StreamGone());
    assertTrue(opens(join(second, OTHER, 2, 1), OTHER));
    step(first, new TreeEvent.StreamSeen(1, SELF, true));
    assertEquals(List.of(), first.children());
    assertEquals(List.of(OTHER), second.children());
    assertTrue(slots.used() <= slots.max());
  }

  @Test
  void aChildOfTheNextEpochNeedsAPlaceAgain() {
    join(first, CHILD, 1, 1);
    waits(first);
    join(second, OTHER, 2, 1);
    step(first, new TreeEvent.Rooted(3));
    assertTrue(!opens(join(first, CHILD, 3, 2), CHILD));
    assertTrue(slots.used() <= slots.max());
  }

  @Test
  void aPublisherWhoIsHereLendsNothing() {
    join(first, CHILD, 1, 1);
    waits(first);
    step(first, new TreeEvent.Rooted(3));
    // The directory is behind: it still tells of the epoch before, then of one without media yet.
    step(first, new TreeEvent.StreamSeen(1, SELF, false));
    step(first, new TreeEvent.StreamGone());
    step(first, new TreeEvent.StreamSeen(3, SELF, false));
    assertEquals(0, slots.free());
    assertTrue(!opens(join(first, OTHER, 3, 2), OTHER));
    assertEquals(List.of(CHILD), first.children());
  }
}
