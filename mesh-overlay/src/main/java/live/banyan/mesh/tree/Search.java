package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.function.Predicate;
import live.banyan.mesh.tree.TreeAction.Count;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/**
 * The search for a parent: candidates are asked one after the other, best first, in rounds. One
 * attempt is open at a time; each is answered, or given up within a bound. Those who come next are
 * probed meanwhile.
 */
final class Search {
  /** Control datagrams may be lost: a JOIN is said this often before the next candidate's turn. */
  private static final int SENDS_MAX = 4;

  private static final long RESEND_NS = 80 * MS;
  private static final long LINK_TIMEOUT_NS = 1_500 * MS;
  private static final long PENDING_RESEND_NS = 150 * MS;
  private static final int PENDING_SENDS_MAX = 8;
  private static final int TRIES_PER_ROUND_MAX = 32;

  /**
   * A slot that a dead node held is free again within 500 ms, so for a while the rounds follow
   * quickly; then they slow down.
   */
  private static final long EAGER_NS = 1_500 * MS;

  private static final long EAGER_PAUSE_NS = 50 * MS;
  private static final long PAUSE_MAX_NS = 2_000 * MS;

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

  private final String stream;
  private final Departures departures;
  private final Prospects prospects;
  private final Soundings soundings;
  private final int degree;

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

  /** There may be others to probe. */
  private boolean wider;

  Search(String stream, Prospects prospects, Departures departures, int degree) {
    this.stream = stream;
    this.prospects = prospects;
    this.departures = departures;
    this.degree = Math.min(degree, TreeMessage.ROOM_MAX);
    this.soundings = new Soundings(stream, prospects, this.degree);
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

  /** A node is asked for a place. */
  boolean asks(String nodeId) {
    return attempt != null && attempt.target.equals(nodeId);
  }

  /** Whether the link to a node is needed. */
  boolean uses(String nodeId) {
    return asks(nodeId) || soundings.has(nodeId);
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
    prospects.startRound();
    nextTryNs = at.nowNs;
  }

  /** Ends it. A node that may still say yes is told that its yes comes too late. */
  void stop(Step at) {
    on = false;
    prospects.forget();
    soundings.clear();
    withdraw(at);
  }

  private void withdraw(Step at) {
    if (attempt != null && attempt.asked) {
      departures.leave(at, attempt.target, attempt.id);
    }
    attempt = null;
  }

  /** News from the directory: do not sleep over it. */
  void surroundingsChanged(Step at) {
    if (on && attempt == null && nextTryNs > at.nowNs) {
      prospects.startRound();
      nextTryNs = Math.min(nextTryNs, Math.max(at.after(5 * MS), roundEndNs + 30 * MS));
    }
  }

  /** Opens the next attempt when it is time. */
  void advance(Step at, long epoch, boolean withPositions, Predicate<Candidate> allowed) {
    if (attempt != null && at.due(attempt.deadlineNs)) {
      overdue(at, attempt, epoch, withPositions);
    }
    if (on && attempt == null && at.due(nextTryNs)) {
      open(at, epoch, withPositions, allowed);
    }
    if (on && attempt != null && wider) {
      wider = false;
      soundings.widen(at, epoch, inNeed(), allowed);
    }
  }

  private void open(Step at, long epoch, boolean withPositions, Predicate<Candidate> allowed) {
    boolean more = prospects.triedCount() < TRIES_PER_ROUND_MAX;
    Candidate best = more ? prospects.best(at, epoch, inNeed(), allowed) : null;
    if (best == null) {
      endRound(at);
      return;
    }
    Attempt opened = attempt(at, best.nodeId(), best.rttNs());
    if (best.linked()) {
      ask(at, opened, epoch, withPositions);
    } else {
      opened.deadlineNs = at.after(LINK_TIMEOUT_NS);
      at.act(new TreeAction.Connect(best.nodeId()));
    }
  }

  private Attempt attempt(Step at, String nodeId, long rttNs) {
    prospects.tried(nodeId);
    soundings.remove(nodeId);
    long resendNs = Math.max(RESEND_NS, rttNs + rttNs / 2);
    wider = true;
    Attempt opened = new Attempt(nodeId, 1 + (at.random.nextLong() >>> 2), resendNs);
    attempt = opened;
    return opened;
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
    boolean newest = open.saysNewest();
    at.act(
        new TreeAction.SendJoin(
            open.target, epoch, open.id, withPositions, newest ? degree : -1, newest && inNeed()));
  }

  /** Nothing flows. */
  private boolean inNeed() {
    return cause == Cause.LOST || cause == Cause.SILENT;
  }

  private void endRound(Step at) {
    roundEndNs = at.nowNs;
    full = sawFull && !sawOther;
    sawFull = false;
    sawOther = false;
    prospects.forget();
    if (at.nowNs - sinceNs < EAGER_NS) {
      pauseNs = EAGER_PAUSE_NS;
    } else {
      pauseNs = Math.min(PAUSE_MAX_NS, 2 * pauseNs);
    }
    nextTryNs = at.after(pauseNs + at.random.nextLong(pauseNs));
  }

  void linkUp(Step at, String nodeId, long epoch, boolean withPositions) {
    Attempt open = attempt;
    if (open != null && !open.asked && open.target.equals(nodeId)) {
      ask(at, open, epoch, withPositions);
    } else if (open != null && !open.asked && soundings.isPromising(nodeId)) {
      // Whoever may have room and is there first is asked first.
      soundings.await(at, open.target, true);
      prospects.untried(open.target);
      long rttNs = at.around.peer(nodeId, stream).map(Candidate::rttNs).orElse(-1L);
      ask(at, attempt(at, nodeId, rttNs), epoch, withPositions);
    } else {
      soundings.linkUp(at, nodeId, inNeed());
    }
  }

  /** A candidate has answered a PROBE. */
  void probed(String from, TreeMessage.ProbeOk answer, long epoch) {
    sawFull |= soundings.heard(from, answer, epoch);
    wider = true;
  }

  void linkDown(Step at, String nodeId) {
    soundings.remove(nodeId);
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
      attempt.answered();
      attempt.deadlineNs = at.after(PENDING_RESEND_NS);
    }
  }

  void redirected(Step at, String from, TreeMessage.Redirect message) {
    if (answers(from, message.attempt())) {
      at.count(Count.REDIRECTED);
      sawFull = true;
      prospects.preferNoMore(from);
      message.candidates().forEach(prospects::prefer);
      attempt = null;
      nextTryNs = at.nowNs;
    }
  }

  void rejected(Step at, String from, TreeMessage.Reject message) {
    soundings.rejected(from, message.attempt());
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
      prospects.preferNoMore(attempt.target);
      if (avoidNs > 0) {
        prospects.avoid(at, attempt.target, avoidNs);
      }
      attempt = null;
      nextTryNs = at.nowNs;
    }
  }

  /** The offer, when this was the last missing part of the answer to the open attempt. */
  Attempt.@Nullable Offer accepted(String from, TreeMessage.Accept message) {
    Attempt open = attempt;
    if (open == null || !answers(from, message.attempt())) {
      return null;
    }
    Attempt.Offer offer = open.accepted(message);
    if (offer != null) {
      attempt = null;
    }
    return offer;
  }

  long wakeNs() {
    if (attempt != null) {
      return attempt.deadlineNs;
    }
    return on ? nextTryNs : NEVER;
  }
}
