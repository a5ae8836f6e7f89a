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
import live.banyan.mesh.tree.TreeAction.Count;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/**
 * The search for a parent: candidates are asked one after the other, best first, in rounds. One
 * attempt is open at a time; each is answered, or given up within a bound.
 */
final class Search {
  /** Control datagrams may be lost: a JOIN is said this often before the next candidate's turn. */
  private static final int SENDS_MAX = 4;

  /** In the newest version; whoever has not answered then may know only the oldest. */
  private static final int NEWEST_SENDS = 2;

  private static final long RESEND_NS = 80 * MS;
  private static final long LINK_TIMEOUT_NS = 1_500 * MS;
  private static final long PENDING_RESEND_NS = 150 * MS;
  private static final int PENDING_SENDS_MAX = 8;
  private static final int TRIES_PER_ROUND_MAX = 16;

  /**
   * A slot that a dead node held is free again within 500 ms, so for a while the rounds follow
   * quickly; then they slow down.
   */
  private static final long EAGER_NS = 1_500 * MS;

  private static final long EAGER_PAUSE_NS = 50 * MS;
  private static final long PAUSE_MAX_NS = 2_000 * MS;

  /** Links that are brought up beside the one to the candidate that is asked. */
  private static final int LINKS_AHEAD = 2;

  private static final int HINTS_MAX = 16;
  private static final int AVOIDED_MAX = 64;

  private static final long DEPTH_NS = 3 * MS;
  private static final long UNKNOWN_RTT_HALF_NS = 10 * MS;
  private static final int UNKNOWN_DEPTH = 8;
  private static final long FULL_NS = 10_000 * MS;
  private static final long PREFERRED_NS = -1_000 * MS;
  private static final long NO_LINK_NS = 5 * MS;
  private static final long NO_LINK_IN_NEED_NS = 60 * MS;

  /** Why a parent is looked for. */
  enum Cause {
    /** Somebody wants the stream and it is not here. */
    FIRST,
    /** The ingest has changed. */
    EPOCH,
    /** The parent is going down. */
    DRAIN,
    /** The parent's media has stopped. */
    SILENT,
    /** The parent is gone. */
    LOST
  }

  /**
   * A parent's yes, complete.
   *
   * @param newest the parent speaks the newest version
   */
  @SuppressWarnings("ArrayRecordComponent") // opaque bytes on their way
  record Offer(
      String parentId,
      long attempt,
      long epoch,
      List<String> path,
      byte[] description,
      boolean newest) {}

  private static final class Attempt {
    final String target;
    final long id;
    final long resendNs;
    boolean asked;
    boolean pending;

    /** What was answered was said in the newest version. */
    boolean newest;

    int sends;
    long deadlineNs;
    final Map<Integer, byte[]> parts = new HashMap<>();

    Attempt(String target, long id, long resendNs) {
      this.target = target;
      this.id = id;
      this.resendNs = resendNs;
    }
  }

  private final String stream;
  private final Departures departures;
  private final int degree;
  private final Set<String> tried = new HashSet<>();
  private final Set<String> preferred = new LinkedHashSet<>();
  private final Set<String> remembered = new LinkedHashSet<>();
  private final Map<String, Long> avoidUntilNs = new LinkedHashMap<>();

  private boolean on;
  private Cause cause = Cause.FIRST;
  private long sinceNs;
  private long nextTryNs;
  private long roundEndNs;
  private long pauseNs;

  /** Somebody was full in this round, and nobody failed otherwise; the last round's verdict. */
  private boolean sawFull;

  private boolean sawOther;
  private boolean full;
  private @Nullable Attempt attempt;

  Search(String stream, Departures departures, int degree) {
    this.stream = stream;
    this.degree = Math.min(degree, TreeMessage.ROOM_MAX);
    this.departures = departures;
  }

  boolean on() {
    return on;
  }

  Cause cause() {
    return cause;
  }

  long sinceNs() {
    return sinceNs;
  }

  /** What to say to those who waited in vain. */
  Refusal refusal() {
    return full ? Refusal.FULL : Refusal.UNREACHABLE;
  }

  @Nullable String target() {
    return attempt == null ? null : attempt.target;
  }

  /** Starts, or goes on for a graver reason. */
  void start(Step at, Cause why) {
    if (!on) {
      on = true;
      sinceNs = at.nowNs;
      full = false;
    }
    cause = why;
    pauseNs = EAGER_PAUSE_NS;
    tried.clear();
    nextTryNs = at.nowNs;
  }

  /** Ends it. A node that may still say yes is told that its yes comes too late. */
  void stop(Step at) {
    on = false;
    preferred.clear();
    tried.clear();
    withdraw(at);
  }

  private void withdraw(Step at) {
    if (attempt != null && attempt.asked) {
      departures.leave(at, attempt.target, attempt.id);
    }
    attempt = null;
  }

  /** Ask this one first, whatever the directory says of its slots. */
  void prefer(String nodeId) {
    if (preferred.size() < HINTS_MAX) {
      preferred.add(nodeId);
    }
  }

  /** A former ancestor: known to have had the stream. */
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

  /** News from the directory: do not sleep over it. */
  void surroundingsChanged(Step at) {
    if (on && attempt == null && nextTryNs > at.nowNs) {
      tried.clear();
      nextTryNs = Math.min(nextTryNs, Math.max(at.after(5 * MS), roundEndNs + 30 * MS));
    }
  }

  /** Opens the next attempt when it is time. */
  void advance(Step at, long epoch, boolean withPositions, Predicate<Candidate> allowed) {
    if (attempt != null && at.due(attempt.deadlineNs)) {
      overdue(at, attempt, epoch, withPositions);
    }
    if (!on || attempt != null || !at.due(nextTryNs)) {
      return;
    }
    Candidate best = tried.size() < TRIES_PER_ROUND_MAX ? best(at, epoch, allowed) : null;
    if (best == null) {
      endRound(at);
      return;
    }
    tried.add(best.nodeId());
    long resendNs = Math.max(RESEND_NS, best.rttNs() + best.rttNs() / 2);
    Attempt opened = new Attempt(best.nodeId(), 1 + (at.random.nextLong() >>> 2), resendNs);
    attempt = opened;
    if (best.linked()) {
      ask(at, opened, epoch, withPositions);
    } else {
      opened.deadlineNs = at.after(LINK_TIMEOUT_NS);
      at.act(new TreeAction.Connect(best.nodeId()));
      linkAhead(at, epoch, allowed);
    }
  }

  /** Who comes next is asked without waiting for a link then. */
  private void linkAhead(Step at, long epoch, Predicate<Candidate> allowed) {
    Set<String> asked = new HashSet<>(tried);
    for (int i = 0; i < LINKS_AHEAD; i++) {
      Candidate next = best(at, epoch, allowed);
      if (next == null) {
        break;
      }
      tried.add(next.nodeId());
      if (!next.linked()) {
        at.act(new TreeAction.Connect(next.nodeId()));
      }
    }
    tried.retainAll(asked);
  }

  private void overdue(Step at, Attempt open, long epoch, boolean withPositions) {
    int sendsMax = open.pending ? PENDING_SENDS_MAX : SENDS_MAX;
    if (open.asked && open.sends < sendsMax) {
      ask(at, open, epoch, withPositions);
    } else {
      at.count(Count.JOIN_UNANSWERED);
      if (open.asked) {
        departures.leave(at, open.target, open.id);
      }
      sawOther = true;
      giveUp(at, 500 * MS);
    }
  }

  private void ask(Step at, Attempt open, long epoch, boolean withPositions) {
    open.asked = true;
    open.sends++;
    open.deadlineNs = at.after(open.pending ? PENDING_RESEND_NS : open.resendNs);
    at.count(Count.JOIN_SENT);
    boolean newest = open.newest || open.sends <= NEWEST_SENDS;
    boolean lost = cause == Cause.LOST || cause == Cause.SILENT;
    at.act(
        new TreeAction.SendJoin(
            open.target, epoch, open.id, withPositions, newest ? degree : -1, newest && lost));
  }

  private void endRound(Step at) {
    roundEndNs = at.nowNs;
    full = sawFull && !sawOther;
    sawFull = false;
    sawOther = false;
    tried.clear();
    preferred.clear();
    if (at.nowNs - sinceNs < EAGER_NS) {
      pauseNs = EAGER_PAUSE_NS;
    } else {
      pauseNs = Math.min(PAUSE_MAX_NS, 2 * pauseNs);
    }
    nextTryNs = at.after(pauseNs + at.random.nextLong(pauseNs));
  }

  private @Nullable Candidate best(Step at, long epoch, Predicate<Candidate> allowed) {
    List<Candidate> candidates = new ArrayList<>(at.around.carriers(stream));
    Set<String> known = new HashSet<>();
    candidates.forEach(c -> known.add(c.nodeId()));
    for (Set<String> hints : List.of(preferred, remembered)) {
      for (String hint : hints) {
        if (known.add(hint)) {
          at.around.peer(hint, stream).ifPresent(candidates::add);
        }
      }
    }
    Candidate best = null;
    long bestScore = NEVER;
    for (Candidate candidate : candidates) {
      boolean wrongEpoch = candidate.epoch() >= 0 && candidate.epoch() < epoch;
      if (candidate.draining()
          || (wrongEpoch && !preferred.contains(candidate.nodeId()))
          || tried.contains(candidate.nodeId())
          || avoidUntilNs.getOrDefault(candidate.nodeId(), 0L) > at.nowNs
          || !allowed.test(candidate)) {
        continue;
      }
      long score = score(candidate) + at.random.nextLong(MS);
      if (score < bestScore) {
        best = candidate;
        bestScore = score;
      }
    }
    return best;
  }

  private long score(Candidate candidate) {
    int depth = candidate.path().isEmpty() ? UNKNOWN_DEPTH : candidate.path().size() - 1;
    long score = depth * DEPTH_NS;
    score += candidate.rttNs() >= 0 ? candidate.rttNs() / 2 : UNKNOWN_RTT_HALF_NS;
    if (!candidate.linked()) {
      boolean inNeed = cause == Cause.LOST || cause == Cause.SILENT;
      score += inNeed ? NO_LINK_IN_NEED_NS : NO_LINK_NS;
    }
    if (preferred.contains(candidate.nodeId())) {
      score += PREFERRED_NS;
    } else if (candidate.freeSlots() <= 0) {
      score += FULL_NS;
    }
    return score;
  }

  void linkUp(Step at, String nodeId, long epoch, boolean withPositions) {
    if (attempt != null && attempt.target.equals(nodeId) && !attempt.asked) {
      ask(at, attempt, epoch, withPositions);
    }
  }

  void linkDown(Step at, String nodeId) {
    if (attempt != null && attempt.target.equals(nodeId)) {
      sawOther = true;
      giveUp(at, 1_000 * MS);
    }
  }

  private boolean answers(String from, long id) {
    return attempt != null && attempt.target.equals(from) && attempt.id == id;
  }

  void pending(Step at, String from, TreeMessage.Pending message) {
    if (answers(from, message.attempt()) && attempt != null) {
      attempt.pending = true;
      attempt.newest |= attempt.sends <= NEWEST_SENDS;
      attempt.deadlineNs = at.after(PENDING_RESEND_NS);
    }
  }

  void redirected(Step at, String from, TreeMessage.Redirect message) {
    if (answers(from, message.attempt())) {
      at.count(Count.REDIRECTED);
      sawFull = true;
      preferred.remove(from);
      message.candidates().forEach(this::prefer);
      attempt = null;
      nextTryNs = at.nowNs;
    }
  }

  void rejected(Step at, String from, TreeMessage.Reject message) {
    if (!answers(from, message.attempt())) {
      return;
    }
    at.count(Count.REJECTED);
    long avoidNs =
        switch (message.reason()) {
          case FULL -> 0;
          case NOT_CARRIED, NOT_FLOWING, NOT_A_CHILD -> 60 * MS;
          case LOOP -> 200 * MS;
          case TOO_DEEP -> 1_000 * MS;
          case DRAINING -> 5_000 * MS;
        };
    boolean isFull = message.reason() == TreeMessage.Reason.FULL;
    sawFull |= isFull;
    giveUp(at, avoidNs);
    sawOther |= !isFull;
  }

  private void giveUp(Step at, long avoidNs) {
    if (attempt != null) {
      preferred.remove(attempt.target);
      if (avoidNs > 0) {
        avoid(at, attempt.target, avoidNs);
      }
      attempt = null;
      nextTryNs = at.nowNs;
    }
  }

  /** The offer, when this was the last missing part of the answer to the open attempt. */
  @Nullable Offer accepted(String from, TreeMessage.Accept message) {
    Attempt open = attempt;
    if (open == null || !answers(from, message.attempt())) {
      return null;
    }
    open.newest |= open.sends <= NEWEST_SENDS;
    open.parts.put(message.part(), message.description());
    if (open.parts.size() < message.parts()) {
      return null;
    }
    attempt = null;
    int length = open.parts.values().stream().mapToInt(part -> part.length).sum();
    byte[] description = new byte[length];
    int offset = 0;
    for (int i = 0; i < message.parts(); i++) {
      byte[] part = open.parts.getOrDefault(i, new byte[0]);
      System.arraycopy(part, 0, description, offset, part.length);
      offset += part.length;
    }
    return new Offer(
        from, message.attempt(), message.epoch(), message.path(), description, open.newest);
  }

  long wakeNs() {
    if (attempt != null) {
      return attempt.deadlineNs;
    }
    return on ? nextTryNs : NEVER;
  }
}
