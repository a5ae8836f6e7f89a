package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import live.banyan.mesh.tree.Search.Cause;
import live.banyan.mesh.tree.TreeAction.Count;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/**
 * The parent has failed: all backups are asked at once for what is missing, and the first whose
 * media comes is the parent. The others are left.
 */
final class Switchover {
  private static final long RESEND_NS = 60 * MS;
  private static final int SENDS_MAX = 3;

  /** Nobody's media has come: the search begins. */
  private static final long LIMIT_NS = 700 * MS;

  /** Whoever has failed is not asked again for so long. */
  private static final long FAILED_NS = 2_000 * MS;

  private static final long REFUSED_NS = 300 * MS;

  private static final class Runner {
    final Attempt attempt;

    /** It has accepted. */
    @Nullable Seat seat;

    Runner(Attempt attempt) {
      this.attempt = attempt;
    }
  }

  private final Departures departures;
  private final Prospects prospects;
  private final int degree;
  private final Map<String, Runner> runners = new LinkedHashMap<>();
  private boolean on;
  private Cause cause = Cause.LOST;
  private long endNs;

  Switchover(Departures departures, Prospects prospects, int degree) {
    this.departures = departures;
    this.prospects = prospects;
    this.degree = Math.min(degree, TreeMessage.ROOM_MAX);
  }

  boolean on() {
    return on;
  }

  Cause cause() {
    return cause;
  }

  /** The parent that was silent is gone. */
  void worsen() {
    cause = Cause.LOST;
  }

  boolean has(String nodeId) {
    return runners.containsKey(nodeId);
  }

  /** Whether a node is asked, or stands above one that has accepted. */
  boolean isAncestor(String nodeId) {
    for (Runner runner : runners.values()) {
      Seat seat = runner.seat;
      if (seat != null && seat.path.contains(nodeId)) {
        return true;
      }
    }
    return has(nodeId);
  }

  void start(Step at, Cause why, List<Backup> backups, long epoch, boolean withPositions) {
    on = true;
    cause = why;
    endNs = at.after(LIMIT_NS);
    for (Backup backup : backups) {
      long resendNs = Math.max(RESEND_NS, backup.rttNs + backup.rttNs / 2);
      Attempt attempt = new Attempt(backup.nodeId, 1 + (at.random.nextLong() >>> 2), resendNs);
      runners.put(backup.nodeId, new Runner(attempt));
      ask(at, attempt, epoch, withPositions);
    }
  }

  private void ask(Step at, Attempt attempt, long epoch, boolean withPositions) {
    attempt.asked = true;
    attempt.sends++;
    attempt.deadlineNs = at.after(attempt.resendNs);
    at.count(Count.JOIN_SENT);
    // A backup has answered a PROBE: it speaks the newest version.
    at.act(new TreeAction.SendJoin(attempt.target, epoch, attempt.id, withPositions, degree, true));
  }

  /** Repeats what is not answered; true when nobody is left. */
  boolean advance(Step at, long epoch, boolean withPositions) {
    if (!on) {
      return false;
    }
    for (Runner runner : List.copyOf(runners.values())) {
      Attempt attempt = runner.attempt;
      if (runner.seat != null || !at.due(attempt.deadlineNs)) {
        continue;
      }
      if (attempt.sends < SENDS_MAX) {
        ask(at, attempt, epoch, withPositions);
      } else {
        at.count(Count.JOIN_UNANSWERED);
        fails(at, attempt.target);
      }
    }
    if (at.due(endNs)) {
      List.copyOf(runners.keySet()).forEach(id -> fails(at, id));
    }
    on = !runners.isEmpty();
    return !on;
  }

  void pending(Step at, String from, long id) {
    Runner runner = runners.get(from);
    if (runner != null && runner.attempt.id == id) {
      runner.attempt.deadlineNs = at.after(runner.attempt.resendNs);
    }
  }

  /** The offer, when this was the last missing part of a yes. */
  Attempt.@Nullable Offer accepted(String from, TreeMessage.Accept message) {
    Runner runner = runners.get(from);
    if (runner == null || runner.seat != null || runner.attempt.id != message.attempt()) {
      return null;
    }
    return runner.attempt.accepted(message);
  }

  /** An offer is taken: its media decides. */
  void seat(Seat seat) {
    Runner runner = runners.get(seat.parentId);
    if (runner != null) {
      runner.seat = seat;
    }
  }

  /** Media of a node has come: its seat, when it is one of these. It is no longer one then. */
  @Nullable Seat won(String nodeId) {
    Runner runner = runners.get(nodeId);
    Seat seat = runner == null ? null : runner.seat;
    if (seat != null) {
      runners.remove(nodeId);
    }
    return seat;
  }

  /** A node does not answer, or has accepted and sends nothing. */
  void fails(Step at, String from) {
    if (has(from)) {
      leave(at, from);
      prospects.avoid(at, from, FAILED_NS);
    }
  }

  /** A node says no, or its link is down. */
  void remove(Step at, String nodeId) {
    Runner runner = runners.remove(nodeId);
    if (runner != null) {
      prospects.avoid(at, nodeId, REFUSED_NS);
      if (runner.seat != null) {
        at.act(new TreeAction.DetachParent(nodeId));
      }
    }
  }

  boolean answers(String from, long id) {
    Runner runner = runners.get(from);
    return runner != null && runner.attempt.id == id;
  }

  /** Ends it: the media is there, or nobody wants it. */
  void stop(Step at) {
    on = false;
    List.copyOf(runners.keySet()).forEach(id -> leave(at, id));
  }

  private void leave(Step at, String nodeId) {
    Runner runner = runners.remove(nodeId);
    if (runner != null) {
      if (runner.seat != null) {
        at.act(new TreeAction.DetachParent(nodeId));
      }
      departures.leave(at, nodeId, runner.attempt.id);
    }
  }

  long wakeNs() {
    if (!on) {
      return NEVER;
    }
    long wake = endNs;
    for (Runner runner : runners.values()) {
      if (runner.seat == null) {
        wake = Math.min(wake, runner.attempt.deadlineNs);
      }
    }
    return wake;
  }
}
