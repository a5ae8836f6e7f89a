package live.banyan.mesh.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import live.banyan.mesh.wire.TreeMessage;
import live.banyan.mesh.wire.TreeMessage.Reason;
import org.junit.jupiter.api.Test;

/** A newcomer finds out who has room while it asks the first. */
class SoundingsTest {
  private static final String STREAM = "show";
  private static final String SELF = id(0);
  private static final String ROOT = "f".repeat(32);
  private static final int CARRIERS = 30;
  private static final long MS = 1_000_000L;

  private static String id(int number) {
    return "%032x".formatted(number);
  }

  /** The lower the number the nearer, so that the order in which they are asked is known. */
  private final Surroundings around =
      new Surroundings() {
        @Override
        public List<Candidate> carriers(String stream) {
          List<Candidate> all = new ArrayList<>();
          for (int i = 1; i <= CARRIERS; i++) {
            all.add(candidate(id(i), List.of(ROOT, id(i)), 20L * i * MS));
          }
          return all;
        }

        @Override
        public Optional<Candidate> peer(String nodeId, String stream) {
          return Optional.of(candidate(nodeId, List.of(), 50 * MS));
        }
      };

  private Candidate candidate(String nodeId, List<String> path, long rttNs) {
    return new Candidate(nodeId, path, 1, 1, false, links.contains(nodeId), rttNs);
  }

  private final Set<String> links = new LinkedHashSet<>();
  private final Set<String> connecting = new LinkedHashSet<>();
  private final Map<String, Long> probes = new LinkedHashMap<>();
  private final Map<String, Long> joins = new LinkedHashMap<>();
  private final SplittableRandom random = new SplittableRandom(7);
  private final StreamTree tree = new StreamTree(STREAM, SELF, new ChildSlots(4));
  private long nowNs = MS;

  private void step(TreeEvent event) {
    nowNs += MS;
    for (TreeAction action : tree.step(event, around, nowNs, random)) {
      switch (action) {
        case TreeAction.Connect a -> connecting.add(a.nodeId());
        case TreeAction.SendJoin a -> joins.put(a.to(), a.attempt());
        case TreeAction.Send a when a.message() instanceof TreeMessage.Probe probe ->
            probes.put(a.to(), probe.nonce());
        case TreeAction a -> {}
      }
    }
  }

  private void linkUp(String nodeId) {
    links.add(nodeId);
    step(new TreeEvent.LinkUp(nodeId));
  }

  private void want() {
    step(new TreeEvent.StreamSeen(1, ROOT, true));
    step(new TreeEvent.Wanted());
  }

  private void answer(String from, int room, String... elsewhere) {
    long nonce = probes.getOrDefault(from, 0L);
    List<String> path = List.of(ROOT, from);
    step(
        new TreeEvent.Heard(
            from, new TreeMessage.ProbeOk(STREAM, nonce, 1, path, room, List.of(elsewhere))));
  }

  private void full(String from) {
    long attempt = joins.getOrDefault(from, 0L);
    step(new TreeEvent.Heard(from, new TreeMessage.Reject(STREAM, attempt, Reason.FULL)));
  }

  @Test
  void whoeverIsThereFirstIsAskedAndTheOthersAreProbed() {
    want();
    assertEquals(Set.of(id(1), id(2), id(3), id(4), id(5)), connecting);
    linkUp(id(3));
    assertEquals(Set.of(id(3)), joins.keySet());
    linkUp(id(1));
    linkUp(id(2));
    assertEquals(Set.of(id(3)), joins.keySet(), "one is asked at a time");
    assertEquals(Set.of(id(1), id(2)), probes.keySet());
  }

  @Test
  void whoeverHasRoomIsAskedNext() {
    want();
    linkUp(id(1));
    linkUp(id(2));
    linkUp(id(3));
    linkUp(id(4));
    answer(id(2), 0);
    answer(id(4), 1);
    full(id(1));
    assertEquals(List.of(id(1), id(4)), List.copyOf(joins.keySet()));
  }

  @Test
  void whoeverIsFullSaysWhoIsNot() {
    want();
    linkUp(id(1));
    linkUp(id(2));
    String elsewhere = "e".repeat(32);
    answer(id(2), 0, elsewhere);
    assertTrue(connecting.contains(elsewhere), connecting.toString());
  }

  /** A node of version 1 drops a PROBE: it is asked for a place in its turn. */
  @Test
  void whoeverDoesNotAnswerIsAskedAllTheSame() {
    want();
    linkUp(id(1));
    linkUp(id(2));
    full(id(1));
    assertEquals(List.of(id(1), id(2)), List.copyOf(joins.keySet()));
  }

  /** Answers that nobody asked for, of whatever kind, change nothing. */
  @Test
  void whatNobodyAskedForChangesNothing() {
    want();
    linkUp(id(1));
    linkUp(id(2));
    for (int i = 10; i < 30; i++) {
      step(
          new TreeEvent.Heard(
              id(i), new TreeMessage.ProbeOk(STREAM, 7, 1, List.of(id(i)), 9, List.of(id(i)))));
    }
    step(
        new TreeEvent.Heard(
            id(2), new TreeMessage.ProbeOk(STREAM, 7, 1, List.of(id(2)), 0, List.of(id(29)))));
    assertFalse(connecting.contains(id(29)), connecting.toString());
    full(id(1));
    assertEquals(List.of(id(1), id(2)), List.copyOf(joins.keySet()));
  }

  /** However many names a liar gives, few links are brought up for it. */
  @Test
  void namesAreNotBelievedWithoutEnd() {
    want();
    linkUp(id(1));
    for (int round = 0; round < 20; round++) {
      for (String open : List.copyOf(connecting)) {
        if (links.add(open)) {
          step(new TreeEvent.LinkUp(open));
        }
        List<String> names = new ArrayList<>();
        for (int i = 0; i < TreeMessage.CANDIDATES_MAX; i++) {
          names.add(id(1_000 + random.nextInt(1_000_000)));
        }
        answer(open, 0, names.toArray(String[]::new));
      }
    }
    assertTrue(connecting.size() <= 100, "links to " + connecting.size());
  }
}
