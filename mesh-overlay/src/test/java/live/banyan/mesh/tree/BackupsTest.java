package live.banyan.mesh.tree;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeSet;
import live.banyan.mesh.wire.TreeMessage;
import live.banyan.mesh.wire.TreeMessage.Reason;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A node knows whom to turn to before its parent fails, and turns to all of them at once. */
class BackupsTest {
  private static final String STREAM = "show";
  private static final String SELF = id('0');
  private static final String ROOT = id('a');
  private static final String PARENT = id('1');
  private static final String NEAR = id('2');
  private static final String FAR = id('3');
  private static final String FARTHEST = id('4');
  private static final String BELOW = id('5');
  private static final String CHILD = id('6');
  private static final long MS = 1_000_000L;

  private static String id(char c) {
    return String.valueOf(c).repeat(32);
  }

  private final Map<String, List<String>> paths = new LinkedHashMap<>();
  private final Surroundings around =
      new Surroundings() {
        @Override
        public List<Candidate> carriers(String stream) {
          return paths.entrySet().stream().map(e -> candidate(e.getKey(), e.getValue())).toList();
        }

        @Override
        public Optional<Candidate> peer(String nodeId, String stream) {
          return Optional.of(candidate(nodeId, List.of()));
        }
      };

  /** The parent is the first choice of all that follows. */
  private static Candidate candidate(String nodeId, List<String> path) {
    long rttNs = nodeId.equals(PARENT) ? 0 : 40 * MS;
    return new Candidate(nodeId, path, -1, 1, false, true, rttNs);
  }

  private final SplittableRandom random = new SplittableRandom(7);
  private final StreamTree tree = new StreamTree(STREAM, SELF, new ChildSlots(4, 1));
  private long nowNs = MS;

  private List<TreeAction> step(TreeEvent event) {
    return tree.step(event, around, nowNs, random);
  }

  private List<TreeAction> hear(String from, TreeMessage message) {
    return step(new TreeEvent.Heard(from, message));
  }

  private List<TreeAction> runFor(long ns) {
    List<TreeAction> actions = new ArrayList<>();
    long untilNs = nowNs + ns;
    while (tree.wakeNs() <= untilNs) {
      nowNs = Math.max(nowNs, tree.wakeNs());
      actions.addAll(step(new TreeEvent.Tick()));
    }
    nowNs = untilNs;
    return actions;
  }

  /** Joined, flowing; what it has probed since is returned. */
  private Map<String, Long> attach() {
    step(new TreeEvent.StreamSeen(1, ROOT, true));
    TreeAction.SendJoin join = joins(step(new TreeEvent.Wanted())).getFirst();
    assertEquals(PARENT, join.to());
    hear(PARENT, accept(join, List.of(ROOT, PARENT)));
    List<TreeAction> actions = new ArrayList<>(step(new TreeEvent.ParentFlowing(PARENT)));
    actions.addAll(runFor(10 * MS));
    return probes(actions);
  }

  private static TreeMessage accept(TreeAction.SendJoin join, List<String> path) {
    return new TreeMessage.Accept(STREAM, 1, join.attempt(), path, 0, 1, new byte[] {1});
  }

  private static List<TreeAction.SendJoin> joins(List<TreeAction> actions) {
    return actions.stream()
        .filter(TreeAction.SendJoin.class::isInstance)
        .map(TreeAction.SendJoin.class::cast)
        .toList();
  }

  private static Map<String, Long> probes(List<TreeAction> actions) {
    Map<String, Long> nonces = new LinkedHashMap<>();
    for (TreeAction action : actions) {
      if (action instanceof TreeAction.Send send
          && send.message() instanceof TreeMessage.Probe probe) {
        nonces.put(send.to(), probe.nonce());
      }
    }
    return nonces;
  }

  private void answer(Map<String, Long> probes, String from, int room) {
    long nonce = probes.getOrDefault(from, 0L);
    List<String> path = paths.getOrDefault(from, List.of(from));
    hear(from, new TreeMessage.ProbeOk(STREAM, nonce, 1, path, room, List.of()));
  }

  @BeforeEach
  void threeOthersCarryTheStream() {
    paths.put(PARENT, List.of(ROOT, PARENT));
    paths.put(NEAR, List.of(ROOT, NEAR));
    paths.put(FAR, List.of(ROOT, FAR));
    paths.put(FARTHEST, List.of(ROOT, FARTHEST));
  }

  private static TreeAction.SendJoin to(String nodeId, Map<String, TreeAction.SendJoin> asked) {
    return Optional.ofNullable(asked.get(nodeId)).orElseThrow();
  }

  private Map<String, TreeAction.SendJoin> parentFails() {
    List<TreeAction> actions = new ArrayList<>(step(new TreeEvent.ParentSilent(PARENT)));
    actions.addAll(runFor(20 * MS));
    Map<String, TreeAction.SendJoin> asked = new LinkedHashMap<>();
    joins(actions).forEach(join -> asked.put(join.to(), join));
    return asked;
  }

  @Test
  void allBackupsAreAskedAtOnceAndTheFirstThatSendsIsTheParent() {
    Map<String, Long> probed = attach();
    answer(probed, NEAR, 1);
    answer(probed, FAR, 1);
    answer(probed, FARTHEST, 1);
    Map<String, TreeAction.SendJoin> asked = parentFails();
    assertEquals(new TreeSet<>(List.of(NEAR, FAR, FARTHEST)), new TreeSet<>(asked.keySet()));
    asked
        .values()
        .forEach(join -> assertTrue(join.lost() && join.withPositions(), join.toString()));

    hear(NEAR, accept(to(NEAR, asked), List.of(ROOT, NEAR)));
    hear(FAR, accept(to(FAR, asked), List.of(ROOT, FAR)));
    assertEquals(PARENT, tree.parentId(), "a yes is not yet a packet");
    List<TreeAction> done = step(new TreeEvent.ParentFlowing(FAR));
    assertEquals(FAR, tree.parentId());
    assertEquals(TreeState.ATTACHED, tree.state());
    assertTrue(done.contains(new TreeAction.Counted(TreeAction.Count.SWITCH)), done.toString());
    for (String left : List.of(PARENT, NEAR, FARTHEST)) {
      assertTrue(
          done.stream()
              .anyMatch(
                  a ->
                      a instanceof TreeAction.Send send
                          && send.to().equals(left)
                          && send.message() instanceof TreeMessage.Leave),
          left + " is left: " + done);
    }
    assertTrue(done.contains(new TreeAction.DetachParent(NEAR)), done.toString());
  }

  @Test
  void aParentThatIsBackStays() {
    Map<String, Long> probed = attach();
    answer(probed, NEAR, 1);
    TreeAction.SendJoin asked = to(NEAR, parentFails());
    hear(NEAR, accept(asked, List.of(ROOT, NEAR)));
    List<TreeAction> back = step(new TreeEvent.ParentFlowing(PARENT));
    assertEquals(PARENT, tree.parentId());
    assertEquals(TreeState.ATTACHED, tree.state());
    assertTrue(back.contains(new TreeAction.DetachParent(NEAR)), back.toString());
    // What was on its way opens nothing any more.
    step(new TreeEvent.ParentFlowing(NEAR));
    assertEquals(PARENT, tree.parentId());
  }

  @Test
  void aLinkThatGoesDownNeedsNoPatience() {
    Map<String, Long> probed = attach();
    answer(probed, NEAR, 1);
    List<TreeAction.SendJoin> joins = joins(step(new TreeEvent.LinkDown(PARENT)));
    assertEquals(List.of(NEAR), joins.stream().map(TreeAction.SendJoin::to).toList());
    assertEquals(TreeState.ORPHAN, tree.state());
  }

  /** A parent may know of the new ingest before the directory does. */
  @Test
  void anEpochThatAParentBroughtIsNotGivenUp() {
    step(new TreeEvent.StreamSeen(1, ROOT, true));
    TreeAction.SendJoin join = joins(step(new TreeEvent.Wanted())).getFirst();
    hear(
        PARENT,
        new TreeMessage.Accept(
            STREAM, 2, join.attempt(), List.of(ROOT, PARENT), 0, 1, new byte[] {1}));
    step(new TreeEvent.ParentFlowing(PARENT));
    List<TreeAction.SendJoin> next = joins(step(new TreeEvent.LinkDown(PARENT)));
    assertEquals(List.of(2L), next.stream().map(TreeAction.SendJoin::epoch).toList());
  }

  @Test
  void whoHasNoRoomIsNoBackup() {
    Map<String, Long> probed = attach();
    answer(probed, NEAR, 0);
    answer(probed, FAR, 1);
    assertEquals(List.of(FAR), List.copyOf(parentFails().keySet()));
  }

  @Test
  void whoStandsBelowTheParentIsNotAsked() {
    paths.put(BELOW, List.of(ROOT, PARENT, BELOW));
    assertFalse(attach().containsKey(BELOW));
  }

  /** A node may say anything of itself: only what can be true is believed. */
  @Test
  void whoeverContradictsItselfIsNoBackup() {
    Map<String, Long> probed = attach();
    long nonce = probed.getOrDefault(NEAR, 0L);
    hear(NEAR, new TreeMessage.ProbeOk(STREAM, nonce, 1, List.of(ROOT, FAR), 9, List.of()));
    hear(
        FAR,
        new TreeMessage.ProbeOk(
            STREAM, nonce, 1, List.of(ROOT, FAR), 9, List.of())); // another's nonce
    nonce = probed.getOrDefault(FARTHEST, 0L);
    hear(
        FARTHEST,
        new TreeMessage.ProbeOk(STREAM, nonce, 1, List.of(ROOT, SELF, FARTHEST), 9, List.of()));
    // Nobody is left to turn to: the search asks those that the directory names.
    Map<String, TreeAction.SendJoin> asked = parentFails();
    assertEquals(1, asked.size(), asked.toString());
  }

  /** It says yes and sends nothing: that costs the others nothing, and ends. */
  @Test
  void aBackupThatSendsNothingIsGivenUp() {
    Map<String, Long> probed = attach();
    answer(probed, NEAR, 1);
    TreeAction.SendJoin asked = to(NEAR, parentFails());
    hear(NEAR, accept(asked, List.of(ROOT, NEAR)));
    List<TreeAction> actions = runFor(800 * MS);
    assertTrue(actions.contains(new TreeAction.DetachParent(NEAR)), actions.toString());
    assertTrue(
        joins(actions).stream().anyMatch(join -> !join.to().equals(NEAR)),
        "the search begins: " + actions);
  }

  @Test
  void allSayNoAndTheSearchBegins() {
    Map<String, Long> probed = attach();
    answer(probed, NEAR, 1);
    TreeAction.SendJoin asked = to(NEAR, parentFails());
    List<TreeAction> actions =
        hear(NEAR, new TreeMessage.Reject(STREAM, asked.attempt(), Reason.FULL));
    assertEquals(1, joins(actions).size(), actions.toString());
  }

  /** Only the direct child of what has failed may move: whoever stands below it waits for it. */
  @Test
  void childrenHearAtOnceThatTheParentIsSilent() {
    attach();
    hear(CHILD, new TreeMessage.Join(STREAM, 1, 5, new byte[0], 0, false));
    step(new TreeEvent.ChildOpened(CHILD, 5, new byte[] {1}));
    List<TreeAction> silent = step(new TreeEvent.ParentSilent(PARENT));
    TreeAction warning = new TreeAction.Send(CHILD, new TreeMessage.UpstreamLost(STREAM, 1));
    assertTrue(silent.contains(warning), silent.toString());
    List<TreeAction> back = step(new TreeEvent.ParentFlowing(PARENT));
    TreeAction relief =
        new TreeAction.Send(CHILD, new TreeMessage.Path(STREAM, 1, List.of(ROOT, PARENT, SELF)));
    assertTrue(back.contains(relief), back.toString());
  }

  @Test
  void aProbeIsAnsweredWithWhatIsFree() {
    attach();
    TreeAction answer =
        new TreeAction.Send(
            CHILD,
            new TreeMessage.ProbeOk(STREAM, 8, 1, List.of(ROOT, PARENT, SELF), 4, List.of()));
    List<TreeAction> actions = hear(CHILD, new TreeMessage.Probe(STREAM, 8, 0, true));
    assertTrue(actions.contains(answer), actions.toString());
    step(new TreeEvent.LinkDown(PARENT));
    TreeAction no =
        new TreeAction.Send(CHILD, new TreeMessage.Reject(STREAM, 9, Reason.NOT_FLOWING));
    actions = hear(CHILD, new TreeMessage.Probe(STREAM, 9, 0, true));
    assertTrue(actions.contains(no), actions.toString());
  }

  /** Nobody answers: probes are repeated within a bound and others are tried ever more seldom. */
  @Test
  void silenceCostsLittle() {
    attach();
    int probes = 0;
    for (TreeAction action : keepsAnswered(60_000 * MS)) {
      if (action instanceof TreeAction.Send send && send.message() instanceof TreeMessage.Probe) {
        probes++;
      }
    }
    assertTrue(probes > 3 && probes <= 45, "in a minute " + probes);
  }

  private List<TreeAction> keepsAnswered(long ns) {
    List<TreeAction> actions = new ArrayList<>();
    for (long ran = 0; ran < ns; ran += 1_000 * MS) {
      actions.addAll(runFor(1_000 * MS));
      hear(PARENT, new TreeMessage.Path(STREAM, 1, List.of(ROOT, PARENT)));
    }
    return actions;
  }
}
