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
 * The side towards the ingest: the parent, for a moment a second one, and the search for the next.
 *
 * <p>A parent that still sends is left only after the new one's first packet. A parent that is
 * silent keeps its seat as well: it costs nothing and may come back. Only a parent whose link is
 * down, or that says so itself, is gone.
 */
final class Upstream {
  static final long KEEP_PERIOD_NS = 1_000 * MS;
  static final long FLOW_TIMEOUT_NS = 1_500 * MS;

  private static final long SILENT_SEARCH_MAX_NS = 3_000 * MS;

  private final String self;
  private final Departures departures;
  private final Seats seats;
  private final BiPredicate<String, Long> isChild;
  private final Search search;
  private final Patience patience = new Patience();

  /** The epoch that the directory names; -1 before it has named one. */
  private long wantedEpoch = -1;

  private boolean live;
  private String ingest = "";

  /** The epoch of the media that was last attached; positions of another are worth nothing. */
  private long mediaEpoch = -1;

  private boolean orphanTold;

  Upstream(String stream, String self, Departures departures, Downstream below) {
    this.self = self;
    this.departures = departures;
    this.seats = new Seats(stream, self, below.degree(), below::room);
    this.isChild = below::isChildOf;
    this.search = new Search(stream, departures, below.degree());
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
    return mediaEpoch >= 0;
  }

  long wantedEpoch() {
    return wantedEpoch;
  }

  /** No parent, and none looked for. */
  boolean isAtRest() {
    return seats.parent == null && seats.next == null && !search.on();
  }

  /** One parent, of the epoch that the directory names, and no other looked for. */
  boolean isSettled() {
    Seat parent = seats.parent;
    return parent != null && parent.epoch >= wantedEpoch && seats.next == null && !search.on();
  }

  /** Where this node stands; null without a parent. */
  @Nullable Place place() {
    return seats.place(search.on() && search.cause() == Cause.SILENT);
  }

  /** All nodes that a child must not be, while there may be two parents. */
  boolean isAncestor(String nodeId) {
    return seats.isAncestor(nodeId) || nodeId.equals(search.target());
  }

  boolean uses(String nodeId) {
    return seats.has(nodeId) || nodeId.equals(search.target());
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
    if (seats.next != null) {
      leave(at, seats.next);
      seats.next = null;
    }
    if (seats.parent != null) {
      leave(at, seats.parent);
      seats.parent = null;
    }
    patience.reset();
  }

  /** The directory's word. */
  void seen(Step at, long epoch, String ingestNode, boolean isLive) {
    live = isLive;
    ingest = ingestNode;
    if (epoch <= wantedEpoch) {
      return;
    }
    wantedEpoch = epoch;
    Seat current = seats.parent;
    if (current == null || current.epoch >= epoch) {
      return;
    }
    if (current.parentId.equals(ingest)) {
      search.prefer(ingest);
      search.start(at, Cause.EPOCH);
    } else if (current.parentIsRoot()) {
      search.start(at, Cause.EPOCH);
    } else {
      patience.withOldEpoch(at);
    }
  }

  void gone() {
    live = false;
  }

  void linkUp(Step at, String nodeId) {
    search.linkUp(at, nodeId, wantedEpoch, mediaEpoch == wantedEpoch);
  }

  void linkDown(Step at, String nodeId) {
    search.linkDown(at, nodeId);
    if (seats.isNext(nodeId)) {
      at.act(new TreeAction.DetachParent(nodeId));
      seats.next = null;
      search.avoid(at, nodeId, 1_000 * MS);
    }
    if (seats.isParent(nodeId)) {
      parentGone(at, 1_000 * MS);
    }
  }

  /** The parent's seat is void; the new parent moves up, or the search begins. */
  private void parentGone(Step at, long avoidNs) {
    Seat gone = seats.parent;
    if (gone == null) {
      return;
    }
    at.act(new TreeAction.DetachParent(gone.parentId));
    seats.parent = null;
    patience.mediaIsBack();
    search.avoid(at, gone.parentId, avoidNs);
    if (seats.next != null) {
      promote(at);
      return;
    }
    search.remember(gone.ancestors());
    search.start(at, Cause.LOST);
  }

  void flowing(Step at, String parentId) {
    Seat seat = seats.of(parentId);
    if (seat == null) {
      return;
    }
    seat.flowing = true;
    if (seats.isNext(parentId)) {
      promote(at);
    } else {
      seat.upstreamThere = true;
      patience.mediaIsBack();
      if (search.on() && search.cause() == Cause.SILENT) {
        search.stop(at);
      }
    }
  }

  void silent(Step at, String parentId) {
    Seat seat = seats.of(parentId);
    if (seat == null || !live) {
      return;
    }
    if (seats.isNext(parentId)) {
      giveUpNext(at);
    } else if (seat.upstreamThere && !search.on()) {
      patience.withSilence(at, seat.parentIsRoot());
    }
  }

  private void giveUpNext(Step at) {
    Seat given = seats.next;
    if (given != null) {
      seats.next = null;
      leave(at, given);
      search.avoid(at, given.parentId, 2_000 * MS);
    }
  }

  void accepted(Step at, String from, TreeMessage.Accept message) {
    boolean known = from.equals(search.target()) || seats.has(from);
    if (!known) {
      // An answer that comes after we stopped asking has opened a relay that nobody needs.
      departures.leave(at, from, message.attempt());
      return;
    }
    Search.Offer offer = search.accepted(from, message);
    if (offer == null) {
      return;
    }
    boolean loop =
        offer.path().contains(self)
            || offer.path().stream().anyMatch(node -> isChild.test(node, offer.epoch()));
    if (loop || offer.epoch() < wantedEpoch || !offer.path().getLast().equals(from)) {
      at.count(Count.LOOP_REFUSED);
      search.avoid(at, from, 200 * MS);
      departures.leave(at, from, offer.attempt());
      return;
    }
    take(at, offer);
  }

  private void take(Step at, Search.Offer offer) {
    Seat seat = new Seat(offer, at.nowNs);
    at.act(new TreeAction.AttachParent(offer.parentId(), offer.epoch(), offer.description()));
    mediaEpoch = offer.epoch();
    Seat current = seats.parent;
    seats.next = seat;
    if (current == null
        || current.parentId.equals(seat.parentId)
        || current.epoch < seat.epoch
        || !live) {
      promote(at);
    }
  }

  /** The new parent is the parent. */
  private void promote(Step at) {
    Seat old = seats.parent;
    Seat now = seats.next;
    if (now == null) {
      return;
    }
    seats.parent = now;
    seats.next = null;
    if (search.on() && search.cause() != Cause.FIRST && search.cause() != Cause.EPOCH) {
      at.count(search.cause() == Cause.DRAIN ? Count.MOVE : Count.FAILOVER);
    }
    search.stop(at);
    patience.reset();
    orphanTold = false;
    if (old != null && !old.parentId.equals(now.parentId)) {
      leave(at, old);
    }
    if (now.epoch < wantedEpoch) {
      search.start(at, Cause.EPOCH);
    }
  }

  private void leave(Step at, Seat seat) {
    at.act(new TreeAction.DetachParent(seat.parentId));
    departures.leave(at, seat.parentId, seat.attempt);
  }

  void rejected(Step at, String from, TreeMessage.Reject message) {
    if (message.attempt() != 0) {
      search.rejected(at, from, message);
      return;
    }
    if (seats.isNext(from)) {
      at.act(new TreeAction.DetachParent(from));
      seats.next = null;
      search.avoid(at, from, 300 * MS);
    } else if (seats.isParent(from)) {
      parentGone(at, message.reason() == TreeMessage.Reason.NOT_A_CHILD ? 0 : 300 * MS);
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
        at.act(new TreeAction.DetachParent(from));
        seats.next = null;
      } else {
        parentGone(at, 300 * MS);
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
      wantedEpoch = Math.max(wantedEpoch, message.epoch());
      patience.epochIsHere();
      search.prefer(from);
      if (!search.on()) {
        search.start(at, Cause.EPOCH);
      }
    }
  }

  void upstreamLost(Step at, String from) {
    Seat seat = seats.of(from);
    if (seat == null) {
      return;
    }
    if (seats.isNext(from)) {
      giveUpNext(at);
      return;
    }
    Seats.heard(at, seat);
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
    search.avoid(at, from, 10_000 * MS);
    if (seats.isNext(from)) {
      giveUpNext(at);
      return;
    }
    candidates.stream().filter(c -> !c.equals(self)).forEach(search::prefer);
    search.remember(seat.ancestors());
    if (!search.on()) {
      search.start(at, Cause.DRAIN);
    }
  }

  /** Goes on with the change of parents; at the end of every step. */
  void advance(Step at) {
    if (seats.next != null && at.due(seats.next.flowDeadlineNs)) {
      if (live) {
        giveUpNext(at);
      } else {
        promote(at);
      }
    }
    if (seats.next == null) {
      search.advance(at, wantedEpoch, mediaEpoch == wantedEpoch, this::allowed);
    }
    if (search.on() && seats.parent == null && !orphanTold && at.due(orphanNs())) {
      orphanTold = true;
      at.act(new TreeAction.Orphaned());
    }
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
      parentGone(at, 1_000 * MS);
      return;
    }
    boolean neverFlowed = !current.flowing && !search.on() && at.due(current.flowDeadlineNs);
    if (patience.mediaOverdue(at) || neverFlowed) {
      patience.mediaIsBack();
      current.flowDeadlineNs = NEVER;
      if (!live) {
        return; // while the broadcaster is away nobody else has more
      }
      search.remember(current.ancestors());
      search.avoid(at, current.parentId, 500 * MS);
      search.start(at, Cause.SILENT);
    }
    if (patience.epochOverdue(at)) {
      patience.epochIsHere();
      if (current.epoch < wantedEpoch && !search.on()) {
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
            && current.epoch >= wantedEpoch
            && (current.flowing || !live);
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
    if (seats.next == null) {
      wake = Math.min(wake, search.wakeNs());
    }
    Seat current = seats.parent;
    if (current == null) {
      return search.on() && !orphanTold ? Math.min(wake, orphanNs()) : wake;
    }
    if (!current.flowing && !search.on()) {
      wake = Math.min(wake, current.flowDeadlineNs);
    }
    if (pausesWith(current)) {
      wake = Math.min(wake, search.sinceNs() + SILENT_SEARCH_MAX_NS);
    }
    return wake;
  }
}
