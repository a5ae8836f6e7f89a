package live.banyan.mesh.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import live.banyan.mesh.wire.TreeMessage;
import live.banyan.mesh.wire.TreeMessageCodec;
import org.junit.jupiter.api.Test;

/** A node finds out what a parent speaks by what it answers. */
class VersionTest {
  private static final String STREAM = "show";
  private static final String SELF = "0".repeat(32);
  private static final String PARENT = "1".repeat(32);
  private static final long MS = 1_000_000L;

  private static final Candidate CARRIER =
      new Candidate(PARENT, List.of(PARENT), 1, 1, false, true, 1 * MS);

  private static final Surroundings AROUND =
      new Surroundings() {
        @Override
        public List<Candidate> carriers(String stream) {
          return List.of(CARRIER);
        }

        @Override
        public Optional<Candidate> peer(String nodeId, String stream) {
          return Optional.of(CARRIER);
        }
      };

  private final SplittableRandom random = new SplittableRandom(7);
  private final StreamTree tree = new StreamTree(STREAM, SELF, new ChildSlots(3));
  private final List<TreeMessage> said = new ArrayList<>();
  private long nowNs = MS;

  private List<TreeAction> step(TreeEvent event) {
    List<TreeAction> actions = tree.step(event, AROUND, nowNs, random);
    for (TreeAction action : actions) {
      switch (action) {
        case TreeAction.SendJoin a ->
            said.add(
                new TreeMessage.Join(
                    STREAM, a.epoch(), a.attempt(), new byte[0], a.degree(), a.lost()));
        case TreeAction.Send a -> said.add(a.message());
        case TreeAction a -> {}
      }
    }
    return actions;
  }

  private void want() {
    step(new TreeEvent.StreamSeen(1, PARENT, true));
    step(new TreeEvent.Wanted());
  }

  private void runUntil(long untilNs) {
    while (tree.wakeNs() <= untilNs) {
      nowNs = Math.max(nowNs, tree.wakeNs());
      step(new TreeEvent.Tick());
    }
    nowNs = untilNs;
  }

  private List<Integer> versions(Class<? extends TreeMessage> type) {
    return said.stream()
        .filter(type::isInstance)
        .map(message -> (int) TreeMessageCodec.encode(message)[0])
        .toList();
  }

  /** The attempt of the last JOIN is answered. */
  private void accept() {
    TreeMessage.Join join = (TreeMessage.Join) said.getLast();
    TreeMessage accept =
        new TreeMessage.Accept(STREAM, 1, join.attempt(), List.of(PARENT), 0, 1, new byte[] {1});
    step(new TreeEvent.Heard(PARENT, accept));
    step(new TreeEvent.ParentFlowing(PARENT));
  }

  @Test
  void aParentThatAnswersAtOnceHearsTheNewestFromThenOn() {
    want();
    accept();
    runUntil(2_100 * MS);
    assertEquals(List.of(2), versions(TreeMessage.Join.class));
    assertEquals(2, versions(TreeMessage.Keep.class).getFirst());
  }

  @Test
  void aParentThatAnswersOnlyToTheOldestHearsThat() {
    want();
    runUntil(200 * MS); // a node of version 1 drops the first two
    assertEquals(List.of(2, 2, 1), versions(TreeMessage.Join.class));
    accept();
    runUntil(2_400 * MS);
    assertEquals(1, versions(TreeMessage.Keep.class).getFirst());
  }
}
