package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.List;
import java.util.function.BiPredicate;
import live.banyan.mesh.tree.Search.Cause;
import live.banyan.mesh.tree.TreeAction.Count;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/**
 * The side towards the ingest: the parent, for a moment a second one, backups for when it fails,
 * and the search for the next.
 *
 * <p>A parent that still sends is left only after the new one's first packet. A parent that is
 * silent keeps its seat as well: it costs nothing and may come back. Only a parent whose link is
 * down, or that says so itself, is gone.
 */
final class Upstream {
  static final long KEEP_PERIOD_NS = 2_000 * MS;
  static final long FLOW_TIMEOUT_NS = 1_500 * MS;

  private static final long ASK_BACK_NS = 500 * MS;
  private static final long SILENT_SEARCH_MAX_NS = 3_000 * MS;

  private final String self;
  private final Departures departures;
  private final Downstream below;
  private final Seats seats;
  private final BiPredicate<String, Long> isChild;
  private final Search search;
  private final Patience patience = new Patience();
  private final Broadcast broadcast = new Broadcast();
  private final Prospects prospects;
  private final Backups backups;
  private final Switchover switchover;
  private final Handover handover;
  private boolean orphanTold;

  /** The children have been told that the parent is silent. */
  private boolean warned;

  Upstream(String stream, String self, Departures departures, Downstream below) {
    this.self = self;
    this.departures = departures;
    this.seats = new Seats(stream, self, below.degree(), below::room);
    this.below = below;
    this.isChild = below::isChildOf;
    this.prospects = new Prospects(stream);
    this.search = new Search(stream, prospects, departures, below.degree());
    this.backups = new Backups(stream, self, below.degree());
    this.switchover = new Switchover(departures, prospects, below.degree());
    this.handover =
        new Handover(
            departures, broadcast, seats, prospects, search, patience, backups, switchover);
  }

  @Nullable Seat parent() {
    return seats.parent;
  }

  @Nullable Seat next() {
    return seats.next;
  }

  Search search() {
    return search;
  }

  boolean hadMedia() {
    return handover.hadMedia();
  }

  long wantedEpoch() {
    return broadcast.epoch;
  }

  /** Another parent is looked for, or being gone over to. */
  boolean isChanging() {
    return seats.next != null || search.on() || switchover.on();
  }

  /** No parent, and none looked for. */
  boolean isAtRest() {
    return seats.parent == null && !isChanging();
  }

  /** One parent, of the epoch that the directory names, and no other looked for. */
  boolean isSettled() {
    Seat parent = seats.parent;
    return parent != null && parent.epoch >= broadcast.epoch && !isChanging();
  }

  /** Where this node stands; null without a parent. */
  @Nullable Place place() {
    return seats.place(
        (search.on() && search.cause() == Cause.SILENT)
            || (switchover.on() && switchover.cause() == Cause.SILENT));
  }

  /** All nodes that a child must not be, while there may be two parents. */
  boolean isAncestor(String nodeId) {
    return seats.isAncestor(nodeId) || search.asks(nodeId) || switchover.isAncestor(nodeId);
  }

  boolean uses(String nodeId) {
    return seats.has(nodeId)
        || search.uses(nodeId)
        || backups.has(nodeId)
        || switchover.has(nodeId);
  }

  /** Somebody wants the stream. */
  void want(Step at) {
    if (isAtRest()) {
      search.start(at, hadMedia() ? Cause.LOST : Cause.FIRST);
    }
  }

  /** Nobody does: leaves whoever serves us. */
  void stop(Step at) {
    search.stop(at);
    switchover.stop(at);
    backups.clear();
    handover.leaveAll(at);
    patience.reset();
  }

  /** The directory's word. */
  void seen(Step at, long epoch, String ingestNode, boolean isLive) {
    broadcast.live = isLive;
    broadcast.ingest = ingestNode;
    if (epoch <= broadcast.epoch) {
      return;
    }
    broadcast.epoch = epoch;
    Seat current = seats.parent;
    if (current == null) {
      // Whoever stood below the last ingest itself has its place below the new one.
      handover.preferIngest();
      search.surroundingsChanged(at);
      return;
    }
    if (current.epoch >= epoch) {
      return;
    }
    if (current.parentId.equals(broadcast.ingest)) {
      prospects.prefer(broadcast.ingest);
      search.start(at, Cause.EPOCH);
    } else if (current.parentIsRoot()) {
      search.start(at, Cause.EPOCH);
    } else {
      patience.withOldEpoch(at);
    }
  }

  void gone() {
    broadcast.live = false;
  }

  void linkUp(Step at, String nodeId) {
    backups.linkUp(at, nodeId);
    search.linkUp(at, nodeId, broadcast.epoch, handover.hasPositions());
  }

  void linkDown(Step at, String nodeId) {
    search.linkDown(at, nodeId);
    backups.remove(at, nodeId);
    switchover.remove(at, nodeId);
    if (seats.isNext(nodeId)) {
      handover.nextGone(at, 1_000 * MS);
    }
    if (seats.isParent(nodeId)) {
      handover.parentGone(at, 1_000 * MS);
    }
  }

  void flowing(Step at, String parentId) {
    Seat winner = switchover.won(parentId);
    if (winner != null) {
      winner.flowing = true;
      warned = false; // a new place is told anyway
      handover.switched(at, winner);
      return;
    }
    Seat seat = seats.of(parentId);
    if (seat == null) {
      return;
    }
    seat.flowing = true;
    if (seats.isNext(parentId)) {
      handover.promote(at);
    } else {
      seat.upstreamThere = true;
      patience.mediaIsBack();
      if (search.on() && search.cause() == Cause.SILENT) {
        search.stop(at);
      }
      if (switchover.on() && switchover.cause() == Cause.SILENT) {
        switchover.stop(at);
      }
      if (warned) {
        warned = false;
        below.placed(at, place());
      }
    }
  }

  void silent(Step at, String parentId) {
    switchover.fails(at, parentId);
    Seat seat = seats.of(parentId);
    if (seat == null || !broadcast.live) {
      return;
    }
    if (seats.isNext(parentId)) {
      handover.giveUpNext(at);
    } else if (seat.upstreamThere && !search.on() && !switchover.on()) {
      patience.withSilence(at, seat.parentIsRoot());
      warned = true;
      below.warn(at);
    }
  }

  void accepted(Step at, String from, TreeMessage.Accept message) {
    boolean asked = switchover.answers(from, message.attempt());
    boolean known = asked || search.asks(from) || seats.has(from);
    if (!known) {
      // An answer that comes after we stopped asking has opened a relay that nobody needs.
      departures.leave(at, from, message.attempt());
      return;
    }
    Attempt.Offer offer =
        asked ? switchover.accepted(from, message) : search.accepted(from, message);
    if (offer == null) {
      return;
    }
    boolean loop =
        offer.path().contains(self)
            || offer.path().stream().anyMatch(node -> isChild.test(node, offer.epoch()));
    if (loop || offer.epoch() < broadcast.epoch || !offer.path().getLast().equals(from)) {
      at.count(Count.LOOP_REFUSED);
      prospects.avoid(at, from, 200 * MS);
      if (asked) {
        switchover.fails(at, from);
      } else {
        departures.leave(at, from, offer.attempt());
      }
    } else if (asked) {
      handover.takeBackup(at, offer);
    } else {
      handover.take(at, offer);
    }
  }

  void pending(Step at, String from, TreeMessage.Pending message) {
    switchover.pending(at, from, message.attempt());
    search.pending(at, from, message);
  }

  void rejected(Step at, String from, TreeMessage.Reject message) {
    if (message.attempt() != 0) {
      backups.rejected(at, from, message.attempt());
      if (switchover.answers(from, message.attempt())) {
        switchover.remove(at, from);
      } else {
        search.rejected(at, from, message);
      }
      return;
    }
    switchover.remove(at, from);
    if (seats.isNext(from)) {
      handover.nextGone(at, 300 * MS);
    } else if (seats.isParent(from)) {
      handover.parentGone(at, message.reason() == TreeMessage.Reason.NOT_A_CHILD ? 0 : 300 * MS);
    }
  }

  void path(Step at, String from, TreeMessage.Path message) {
    Seat seat = seats.of(from);
    if (seat == null || message.path().isEmpty()) {
      return;
    }
    Seats.heard(at, seat);
    if (message.path().contains(self) || !message.path().getLast().equals(from)) {
      at.count(Count.LOOP_REFUSED);
      departures.leave(at, from, seat.attempt);
      if (seat == seats.next) {
        handover.nextGone(at, 200 * MS);
      } else {
        handover.parentGone(at, 300 * MS);
      }
      return;
    }
    seat.path = message.path();
    if (seat != seats.parent) {
      return;
    }
    if (!seat.upstreamThere) {
      seat.upstreamThere = true;
      patience.mediaIsBack();
    }
    if (message.epoch() > seat.epoch) {
      broadcast.epoch = Math.max(broadcast.epoch, message.epoch());
      patience.epochIsHere();
      prospects.prefer(from);
      if (!search.on()) {
        search.start(at, Cause.EPOCH);
      }
    }
  }

  void upstreamLost(Step at, String from) {
    switchover.fails(at, from);
    Seat seat = seats.of(from);
    if (seat == null) {
      return;
    }
    if (seats.isNext(from)) {
      handover.giveUpNext(at);
      return;
    }
    Seats.heard(at, seat);
    // The word that it is back may be lost: we ask before our patience ends.
    seat.keepDueNs = Math.min(seat.keepDueNs, at.after(ASK_BACK_NS));
    if (seat.upstreamThere) {
      seat.upstreamThere = false;
      patience.withLostUpstream(at);
    }
  }

  /** The parent goes down and names places to go to. */
  void draining(Step at, String from, List<String> candidates) {
    Seat seat = seats.of(from);
    if (seat == null) {
      return;
    }
    prospects.avoid(at, from, 10_000 * MS);
    if (seats.isNext(from)) {
      handover.giveUpNext(at);
      return;
    }
    candidates.stream().filter(c -> !c.equals(self)).forEach(prospects::prefer);
    prospects.remember(seat.ancestors());
    if (!search.on()) {
      search.start(at, Cause.DRAIN);
    }
  }

  /** Goes on with the change of parents; at the end of every step. */
  void advance(Step at) {
    if (seats.next != null && at.due(seats.next.flowDeadlineNs)) {
      if (broadcast.live) {
        handover.giveUpNext(at);
      } else {
        handover.promote(at);
      }
    }
    if (switchover.advance(at, broadcast.epoch, handover.hasPositions())) {
      search.start(at, switchover.cause());
    }
    if (seats.next == null && !switchover.on()) {
      search.advance(at, broadcast.epoch, handover.hasPositions(), this::allowed);
    }
    if (seats.parent != null) {
      orphanTold = false;
    } else if (search.on() && !orphanTold && at.due(orphanNs())) {
      orphanTold = true;
      at.act(new TreeAction.Orphaned());
    }
    backups.advance(at, settled(), broadcast.epoch, prospects, this::allowedAsBackup);
  }

  /** The parent, where it flows and nothing is being changed: the time to care for backups. */
  private @Nullable Seat settled() {
    Seat parent = seats.parent;
    return parent != null && parent.flowing && broadcast.live && isSettled() ? parent : null;
  }

  private boolean allowedAsBackup(Candidate candidate) {
    return allowed(candidate) && !isChild.test(candidate.nodeId(), broadcast.epoch);
  }

  /** A candidate has answered what it was asked. */
  void probed(Step at, String from, TreeMessage.ProbeOk answer) {
    backups.heard(at, from, answer, broadcast.epoch, seats.parent);
    search.probed(from, answer, broadcast.epoch);
  }

  /** What time says of the parent; in every step, before {@link #advance}. */
  void watch(Step at) {
    seats.keep(at);
    Seat current = seats.parent;
    if (current == null) {
      return;
    }
    if (seats.parentIsMute(at)) {
      departures.leave(at, current.parentId, current.attempt);
      handover.parentGone(at, 1_000 * MS);
      return;
    }
    boolean neverFlowed = !current.flowing && !isChanging() && at.due(current.flowDeadlineNs);
    if (patience.mediaOverdue(at) || neverFlowed) {
      patience.mediaIsBack();
      current.flowDeadlineNs = NEVER;
      if (!broadcast.live) {
        return; // while the broadcaster is away nobody else has more
      }
      prospects.remember(current.ancestors());
      prospects.avoid(at, current.parentId, 500 * MS);
      handover.failed(at, Cause.SILENT);
    }
    if (patience.epochOverdue(at)) {
      patience.epochIsHere();
      if (current.epoch < broadcast.epoch && !search.on() && !switchover.on()) {
        search.start(at, Cause.EPOCH);
      }
    }
    // Nobody has it and the parent is there and says that it has it: the broadcaster paused.
    if (pausesWith(current) && at.nowNs - search.sinceNs() >= SILENT_SEARCH_MAX_NS) {
      search.stop(at);
    }
  }

  private boolean pausesWith(Seat current) {
    return search.on()
        && search.cause() == Cause.SILENT
        && seats.next == null
        && current.upstreamThere;
  }

  private boolean allowed(Candidate candidate) {
    String id = candidate.nodeId();
    Seat current = seats.parent;
    // A parent whose media never came may be asked anew: its answer or its packets went astray.
    boolean serves =
        current != null
            && current.parentId.equals(id)
            && current.epoch >= broadcast.epoch
            && (current.flowing || !broadcast.live);
    return !id.equals(self)
        && !candidate.path().contains(self)
        && candidate.path().size() < TreeMessage.PATH_MAX
        && !serves;
  }

  private long orphanNs() {
    return hadMedia() ? search.sinceNs() + 1_000 * MS : NEVER;
  }

  long wakeNs() {
    long wake = Math.min(patience.wakeNs(), seats.wakeNs());
    wake = Math.min(wake, switchover.wakeNs());
    wake = Math.min(wake, backups.wakeNs(settled() != null));
    if (seats.next == null && !switchover.on()) {
      wake = Math.min(wake, search.wakeNs());
    }
    Seat current = seats.parent;
    if (current == null) {
      return search.on() && !orphanTold ? Math.min(wake, orphanNs()) : wake;
    }
    if (!current.flowing && !isChanging()) {
      wake = Math.min(wake, current.flowDeadlineNs);
    }
    if (pausesWith(current)) {
      wake = Math.min(wake, search.sinceNs() + SILENT_SEARCH_MAX_NS);
    }
    return wake;
  }
}
