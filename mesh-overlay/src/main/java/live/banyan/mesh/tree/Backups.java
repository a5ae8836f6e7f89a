package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/**
 * Nodes beside the parent that have said a moment ago that they have the stream and room, over
 * links that are up. What they say of themselves is a claim: which of them is the next parent,
 * their media decides.
 */
final class Backups {
  /** Kept. */
  static final int COUNT = 3;

  /** Probed at once, the best of which are kept. */
  private static final int PROBED_MAX = 6;

  private static final long REFRESH_NS = 14_000 * MS;
  private static final long RESEND_NS = 300 * MS;
  private static final int SENDS_MAX = 3;
  private static final long LINK_TIMEOUT_NS = 2_000 * MS;

  /** Nearer ones are looked for now and then, ever more seldom while none is found. */
  private static final long IMPROVE_MIN_NS = 5_000 * MS;

  private static final long IMPROVE_MAX_NS = 160_000 * MS;
  private static final int IMPROVE_BY = 2;

  private static final long PAUSE_MIN_NS = 500 * MS;
  private static final long PAUSE_MAX_NS = 8_000 * MS;

  /** Who was no good is not asked again for so long. */
  private static final long UNFIT_NS = 15_000 * MS;

  private static final int UNFIT_MAX = 64;
  private static final long DEPTH_NS = 3 * MS;

  private final String stream;
  private final String self;
  private final int degree;
  private final Map<String, Backup> backups = new LinkedHashMap<>();
  private final Map<String, Long> unfitUntilNs = new LinkedHashMap<>();
  private long recruitNs;
  private long pauseNs = PAUSE_MIN_NS;
  private long improveNs = NEVER;
  private long improvePauseNs = IMPROVE_MIN_NS;

  Backups(String stream, String self, int degree) {
    this.stream = stream;
    this.degree = Math.min(degree, TreeMessage.ROOM_MAX);
    this.self = self;
  }

  boolean has(String nodeId) {
    return backups.containsKey(nodeId);
  }

  /** Those that would take this node now, the nearest first. */
  List<Backup> ready() {
    List<Backup> ready = new ArrayList<>();
    for (Backup backup : backups.values()) {
      if (backup.ready) {
        ready.add(backup);
      }
    }
    ready.sort(Comparator.comparingLong(Backups::score));
    return ready;
  }

  private static long score(Backup backup) {
    return backup.rttNs / 2 + (backup.path.size() - 1) * DEPTH_NS;
  }

  /** Nobody wants the stream here any more. */
  void clear() {
    backups.clear();
    improveNs = NEVER;
  }

  void remove(Step at, String nodeId) {
    if (backups.remove(nodeId) != null) {
      unfitUntilNs.values().removeIf(at::due);
      if (unfitUntilNs.size() < UNFIT_MAX) {
        unfitUntilNs.put(nodeId, at.after(UNFIT_NS));
      }
    }
  }

  void linkUp(Step at, String nodeId) {
    Backup backup = backups.get(nodeId);
    if (backup != null && backup.sends == 0 && !backup.ready) {
      probe(at, backup);
    }
  }

  private void probe(Step at, Backup backup) {
    backup.nonce = 1 + (at.random.nextLong() >>> 2);
    backup.sends++;
    backup.sentNs = at.nowNs;
    backup.dueNs = at.after(RESEND_NS);
    at.send(backup.nodeId, new TreeMessage.Probe(stream, backup.nonce, degree, true));
  }

  /** The answer of a node that has the stream. */
  void heard(Step at, String from, TreeMessage.ProbeOk answer, long epoch, @Nullable Seat parent) {
    Backup backup = backups.get(from);
    if (backup == null || backup.nonce != answer.nonce() || backup.sends == 0) {
      return;
    }
    boolean fit =
        answer.room() > 0
            && answer.epoch() >= epoch
            && answer.path().getLast().equals(from)
            && answer.path().size() < TreeMessage.PATH_MAX
            && !answer.path().contains(self)
            && !below(answer.path(), parent);
    if (!fit) {
      remove(at, from);
      return;
    }
    long worstNs = worstScore();
    boolean first = !backup.ready;
    backup.ready = true;
    backup.sends = 0;
    backup.rttNs = at.nowNs - backup.sentNs;
    backup.path = answer.path();
    if (first && score(backup) < worstNs) {
      improvePauseNs = IMPROVE_MIN_NS;
    }
    backup.dueNs = at.after(REFRESH_NS + at.random.nextLong(REFRESH_NS / 4));
  }

  /** Whoever stands below the parent fails with it; everybody stands below the ingest. */
  private static boolean below(List<String> path, @Nullable Seat parent) {
    return parent != null && !parent.parentIsRoot() && path.contains(parent.parentId);
  }

  /** The answer of a node that has not. */
  void rejected(Step at, String from, long nonce) {
    Backup backup = backups.get(from);
    if (backup != null && backup.nonce == nonce) {
      remove(at, from);
    }
  }

  /**
   * Asks whom it is time to ask.
   *
   * @param parent flows, and nothing is being changed; null otherwise
   */
  void advance(
      Step at,
      @Nullable Seat parent,
      long epoch,
      Prospects prospects,
      Predicate<Candidate> allowed) {
    for (Backup backup : List.copyOf(backups.values())) {
      if (below(backup.path, parent) || (at.due(backup.dueNs) && !again(at, backup))) {
        remove(at, backup.nodeId);
      }
    }
    if (parent == null) {
      return;
    }
    keepBest();
    if (backups.size() < COUNT) {
      improveNs = NEVER;
      if (at.due(recruitNs)) {
        recruitNs = at.after(pauseNs + at.random.nextLong(pauseNs));
        pauseNs = Math.min(PAUSE_MAX_NS, 2 * pauseNs);
        recruit(at, parent, epoch, prospects, allowed, PROBED_MAX - backups.size());
      }
    } else if (improveNs == NEVER || at.due(improveNs)) {
      boolean due = improveNs != NEVER;
      improveNs = at.after(improvePauseNs + at.random.nextLong(improvePauseNs));
      improvePauseNs = Math.min(IMPROVE_MAX_NS, 2 * improvePauseNs);
      if (due) {
        long worstNs = worstScore();
        recruit(
            at,
            parent,
            epoch,
            prospects,
            candidate -> allowed.test(candidate) && estimate(candidate) < worstNs,
            IMPROVE_BY);
      }
    }
  }

  /** False when it has not answered, or no link has come. */
  private boolean again(Step at, Backup backup) {
    boolean linked = backup.sends > 0 || backup.ready;
    if (!linked || backup.sends == SENDS_MAX) {
      return false;
    }
    probe(at, backup);
    return true;
  }

  private long worstScore() {
    long worst = -1;
    for (Backup backup : backups.values()) {
      worst = backup.ready ? Math.max(worst, score(backup)) : worst;
    }
    return worst;
  }

  /** What would be measured of it, if what is known of it is true. */
  private static long estimate(Candidate candidate) {
    return Math.max(0, candidate.rttNs()) / 2 + Math.max(0, candidate.path().size() - 1) * DEPTH_NS;
  }

  private void keepBest() {
    List<Backup> ready = ready();
    if (ready.size() == backups.size() && ready.size() >= COUNT) {
      pauseNs = PAUSE_MIN_NS;
      for (Backup surplus : ready.subList(COUNT, ready.size())) {
        backups.remove(surplus.nodeId);
      }
    }
  }

  private void recruit(
      Step at,
      Seat parent,
      long epoch,
      Prospects prospects,
      Predicate<Candidate> allowed,
      int count) {
    Predicate<Candidate> fit =
        candidate ->
            allowed.test(candidate)
                && !candidate.nodeId().equals(parent.parentId)
                && !below(candidate.path(), parent)
                && !backups.containsKey(candidate.nodeId())
                && at.due(unfitUntilNs.getOrDefault(candidate.nodeId(), 0L));
    for (Candidate candidate : prospects.best(at, epoch, false, fit, count)) {
      Backup backup = new Backup(candidate.nodeId());
      backups.put(candidate.nodeId(), backup);
      if (candidate.linked()) {
        probe(at, backup);
      } else {
        backup.dueNs = at.after(LINK_TIMEOUT_NS);
        at.act(new TreeAction.Connect(candidate.nodeId()));
      }
    }
  }

  /**
   * When {@link #advance} has something to do.
   *
   * @param settled a parent flows, and nothing is being changed
   */
  long wakeNs(boolean settled) {
    long wake = !settled ? NEVER : backups.size() < COUNT ? recruitNs : improveNs;
    for (Backup backup : backups.values()) {
      wake = Math.min(wake, backup.dueNs);
    }
    return wake;
  }
}
