package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Whom to ask next for a place: what the directory and others have named, best first. */
final class Prospects {
  private static final int HINTS_MAX = 16;
  private static final int AVOIDED_MAX = 64;

  private static final long DEPTH_NS = 3 * MS;
  private static final long UNKNOWN_RTT_HALF_NS = 10 * MS;
  private static final int UNKNOWN_DEPTH = 8;
  private static final long FULL_NS = 10_000 * MS;
  private static final long PREFERRED_NS = -1_000 * MS;
  private static final long NO_LINK_NS = 5 * MS;
  private static final long NO_LINK_IN_NEED_NS = 60 * MS;

  private final String stream;
  private final Set<String> tried = new HashSet<>();
  private final Set<String> preferred = new LinkedHashSet<>();
  private final Set<String> withRoom = new LinkedHashSet<>();
  private final Set<String> remembered = new LinkedHashSet<>();
  private final Map<String, Long> avoidUntilNs = new LinkedHashMap<>();

  Prospects(String stream) {
    this.stream = stream;
  }

  /** Ask this one first, whatever the directory says of its slots. */
  void prefer(String nodeId) {
    if (preferred.size() < HINTS_MAX) {
      preferred.add(nodeId);
    }
  }

  void preferNoMore(String nodeId) {
    preferred.remove(nodeId);
  }

  /** It has said a moment ago that it would take this node. */
  void withRoom(String nodeId) {
    if (withRoom.size() < HINTS_MAX) {
      withRoom.add(nodeId);
    }
  }

  /** It has room, as far as anybody has told. */
  boolean isPromising(Candidate candidate) {
    return candidate.freeSlots() > 0 || preferred.contains(candidate.nodeId());
  }

  boolean hasRoom(String nodeId) {
    return withRoom.contains(nodeId);
  }

  /** Former ancestors: known to have had the stream. */
  void remember(List<String> ancestors) {
    remembered.clear();
    ancestors.stream().limit(HINTS_MAX).forEach(remembered::add);
  }

  void avoid(Step at, String nodeId, long forNs) {
    avoidUntilNs.values().removeIf(at::due);
    if (avoidUntilNs.size() < AVOIDED_MAX) {
      avoidUntilNs.put(nodeId, at.after(forNs));
    }
  }

  /** Everybody may be asked again. */
  void startRound() {
    tried.clear();
  }

  void tried(String nodeId) {
    tried.add(nodeId);
  }

  void untried(String nodeId) {
    tried.remove(nodeId);
  }

  int triedCount() {
    return tried.size();
  }

  /** Forgets who has been tried and whom others have named; former ancestors stay known. */
  void forget() {
    tried.clear();
    preferred.clear();
    withRoom.clear();
  }

  /**
   * The next one; null when all have been tried.
   *
   * @param inNeed nothing flows: a handshake costs a freeze
   */
  @Nullable Candidate best(Step at, long epoch, boolean inNeed, Predicate<Candidate> allowed) {
    List<Candidate> next = best(at, epoch, inNeed, allowed, 1);
    return next.isEmpty() ? null : next.getFirst();
  }

  /** At most {@code count} to ask next, the best first. */
  List<Candidate> best(
      Step at, long epoch, boolean inNeed, Predicate<Candidate> allowed, int count) {
    Map<String, Long> scores = new HashMap<>();
    List<Candidate> eligible = new ArrayList<>();
    for (Candidate candidate : known(at)) {
      boolean wrongEpoch = candidate.epoch() >= 0 && candidate.epoch() < epoch;
      if (candidate.draining()
          || (wrongEpoch && !preferred.contains(candidate.nodeId()))
          || tried.contains(candidate.nodeId())
          || avoidUntilNs.getOrDefault(candidate.nodeId(), 0L) > at.nowNs
          || !allowed.test(candidate)) {
        continue;
      }
      eligible.add(candidate);
      scores.put(candidate.nodeId(), score(candidate, inNeed) + at.random.nextLong(MS));
    }
    List<Candidate> best = new ArrayList<>();
    while (best.size() < count && !eligible.isEmpty()) {
      Candidate least = eligible.getFirst();
      for (Candidate each : eligible) {
        if (scores.getOrDefault(each.nodeId(), NEVER)
            < scores.getOrDefault(least.nodeId(), NEVER)) {
          least = each;
        }
      }
      eligible.remove(least);
      best.add(least);
    }
    return best;
  }

  private List<Candidate> known(Step at) {
    List<Candidate> candidates = new ArrayList<>(at.around.carriers(stream));
    Set<String> ids = new HashSet<>();
    candidates.forEach(c -> ids.add(c.nodeId()));
    for (Set<String> hints : List.of(withRoom, preferred, remembered)) {
      for (String hint : hints) {
        if (ids.add(hint)) {
          at.around.peer(hint, stream).ifPresent(candidates::add);
        }
      }
    }
    return candidates;
  }

  private long score(Candidate candidate, boolean inNeed) {
    int depth = candidate.path().isEmpty() ? UNKNOWN_DEPTH : candidate.path().size() - 1;
    long score = depth * DEPTH_NS;
    score += candidate.rttNs() >= 0 ? candidate.rttNs() / 2 : UNKNOWN_RTT_HALF_NS;
    if (!candidate.linked()) {
      score += inNeed ? NO_LINK_IN_NEED_NS : NO_LINK_NS;
    }
    if (withRoom.contains(candidate.nodeId())) {
      score += 2 * PREFERRED_NS;
    } else if (preferred.contains(candidate.nodeId())) {
      score += PREFERRED_NS;
    } else if (candidate.freeSlots() <= 0) {
      score += FULL_NS;
    }
    return score;
  }
}
