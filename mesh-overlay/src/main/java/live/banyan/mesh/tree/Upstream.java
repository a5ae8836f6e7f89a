package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.ArrayList;
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

  /** Until it is answered: one lost datagram must not look like a lost parent. */
  private static final long KEEP_RESEND_NS = 250 * MS;

  /** A dozen KEEPs without an answer, on a link that is up: the parent has forgotten us. */
  private static final long PARENT_MUTE_NS = 3_500 * MS;

  /** The parent of a silent parent may be the one that failed; the parent then says so. */
  private static final long SILENCE_HOLD_NS = 60 * MS;

  /** How long the parent may look for a parent of its own before we look ourselves. */
  private static final long UPSTREAM_LOST_PATIENCE_NS = 2_000 * MS;

  /** A parent follows the new ingest before its children do: the tree keeps its shape. */
  private static final long EPOCH_HOLD_NS = 1_000 * MS;

  private static final long SILENT_SEARCH_MAX_NS = 3_000 * MS;

  private final String stream;
  private final String self;
  private final Departures departures;
  private final BiPredicate<String, Long> isChild;
  private final Search search;

  private @Nullable Seat parent;
  private @Nullable Seat next;

  /** The epoch that the directory names; -1 before it has named one. */
  private long wantedEpoch = -1;

  private boolean live;
  private String ingest = "";

  /** The epoch of the media that was last attached; positions of another are worth nothing. */
  private long mediaEpoch = -1;

  private long silenceHoldNs = NEVER;
  private long patienceNs = NEVER;
  private long epochHoldNs = NEVER;
  private boolean orphanTold;

  Upstream(String stream, String self, Departures departures, BiPredicate<String, Long> isChild) {
    this.stream = stream;
    this.self = self;
    this.departures = departures;
    this.isChild = isChild;
    this.search = new Search(stream, departures);
  }

  @Nullable Seat parent() {
    return parent;
  }

  @Nullable Seat next() {
    return next;
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

  /** Where this node stands; null without a parent. */
  @Nullable Place place() {
    if (parent == null) {
      return null;
    }
    List<String> path = new ArrayList<>(parent.path);
    path.add(self);
    boolean silent = search.on() && search.cause() == Cause.SILENT;
    return new Place(
        parent.epoch, parent.parentId, path, parent.upstreamThere && !(silent && parent.flowing));
  }

  /** All nodes that a child must not be, while there may be two parents. */
  boolean isAncestor(String nodeId) {
    return (parent != null && parent.path.contains(nodeId))
        || (next != null && next.path.contains(nodeId))
        || nodeId.equals(search.target());
  }

  boolean uses(String nodeId) {
    return (parent != null && parent.parentId.equals(nodeId))
        || (next != null && next.parentId.equals(nodeId))
        || nodeId.equals(search.target());
  }

  /** Somebody wants the stream. */
  void want(Step at) {
    if (parent == null && next == null && !search.on()) {
      search.start(at, hadMedia() ? Cause.LOST : Cause.FIRST);
    }
  }

  /** Nobody does: leaves whoever serves us. */
  void stop(Step at) {
    search.stop(at);
    if (next != null) {
      leave(at, next);
      next = null;
    }
    if (parent != null) {
      leave(at, parent);
      parent = null;
    }
    silenceHoldNs = NEVER;
    patienceNs = NEVER;
    epochHoldNs = NEVER;
  }

  /** The directory's word. */
  void seen(Step at, long epoch, String ingestNode, boolean isLive) {
    live = isLive;
    ingest = ingestNode;
    if (epoch <= wantedEpoch) {
      return;
    }
    wantedEpoch = epoch;
    Seat current = parent;
    if (current == null || current.epoch >= epoch) {
      return;
    }
    if (current.parentId.equals(ingest)) {
      search.prefer(ingest);
      search.start(at, Cause.EPOCH);
    } else if (current.parentIsRoot()) {
      search.start(at, Cause.EPOCH);
    } else {
      epochHoldNs = at.after(EPOCH_HOLD_NS);
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
    if (next != null && next.parentId.equals(nodeId)) {
      at.act(new TreeAction.DetachParent(nodeId));
      next = null;
      search.avoid(at, nodeId, 1_000 * MS);
    }
    if (parent != null && parent.parentId.equals(nodeId)) {
      parentGone(at, 1_000 * MS);
    }
  }

  /** The parent's seat is void; the new parent moves up, or the search begins. */
  private void parentGone(Step at, long avoidNs) {
    Seat gone = parent;
    if (gone == null) {
      return;
    }
    at.act(new TreeAction.DetachParent(gone.parentId));
    parent = null;
    silenceHoldNs = NEVER;
    patienceNs = NEVER;
    search.avoid(at, gone.parentId, avoidNs);
    if (next != null) {
      promote(at);
      return;
    }
    search.remember(gone.path.subList(0, gone.path.size() - 1).reversed());
    search.start(at, Cause.LOST);
  }

  void flowing(Step at, String parentId) {
    if (next != null && next.parentId.equals(parentId)) {
      next.flowing = true;
      promote(at);
    } else if (parent != null && parent.parentId.equals(parentId)) {
      parent.flowing = true;
      parent.upstreamThere = true;
      silenceHoldNs = NEVER;
      patienceNs = NEVER;
      if (search.on() && search.cause() == Cause.SILENT) {
        search.stop(at);
      }
    }
  }

  void silent(Step at, String parentId) {
    if (!live) {
      return;
    }
    if (next != null && next.parentId.equals(parentId)) {
      giveUpNext(at);
    } else if (parent != null
        && parent.parentId.equals(parentId)
        && parent.upstreamThere
        && !search.on()
        && silenceHoldNs == NEVER) {
      silenceHoldNs = at.after(parent.parentIsRoot() ? 0 : SILENCE_HOLD_NS);
    }
  }

  private void giveUpNext(Step at) {
    if (next != null) {
      Seat given = next;
      next = null;
      leave(at, given);
      search.avoid(at, given.parentId, 2_000 * MS);
    }
  }

  void accepted(Step at, String from, TreeMessage.Accept message) {
    boolean known =
        from.equals(search.target())
            || (parent != null && parent.parentId.equals(from))
            || (next != null && next.parentId.equals(from));
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
    Seat current = parent;
    next = seat;
    if (current == null
        || current.parentId.equals(seat.parentId)
        || current.epoch < seat.epoch
        || !live) {
      promote(at);
    }
  }

  /** The new parent is the parent. */
  private void promote(Step at) {
    Seat old = parent;
    Seat now = next;
    if (now == null) {
      return;
    }
    parent = now;
    next = null;
    if (search.on() && search.cause() != Cause.FIRST && search.cause() != Cause.EPOCH) {
      at.count(search.cause() == Cause.DRAIN ? Count.MOVE : Count.FAILOVER);
    }
    search.stop(at);
    silenceHoldNs = NEVER;
    patienceNs = NEVER;
    epochHoldNs = NEVER;
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
    if (next != null && next.parentId.equals(from)) {
      at.act(new TreeAction.DetachParent(from));
      next = null;
      search.avoid(at, from, 300 * MS);
    } else if (parent != null && parent.parentId.equals(from)) {
      parentGone(at, message.reason() == TreeMessage.Reason.NOT_A_CHILD ? 0 : 300 * MS);
    }
  }

  void path(Step at, String from, TreeMessage.Path message) {
    Seat seat = seatOf(from);
    if (seat == null || message.path().isEmpty()) {
      return;
    }
    heard(at, seat);
    if (message.path().contains(self) || !message.path().getLast().equals(from)) {
      at.count(Count.LOOP_REFUSED);
      departures.leave(at, from, seat.attempt);
      if (seat == next) {
        at.act(new TreeAction.DetachParent(from));
        next = null;
      } else {
        parentGone(at, 300 * MS);
      }
      return;
    }
    seat.path = message.path();
    if (seat != parent) {
      return;
    }
    if (!seat.upstreamThere) {
      seat.upstreamThere = true;
      patienceNs = NEVER;
    }
    if (message.epoch() > seat.epoch) {
      wantedEpoch = Math.max(wantedEpoch, message.epoch());
      epochHoldNs = NEVER;
      search.prefer(from);
      if (!search.on()) {
        search.start(at, Cause.EPOCH);
      }
    }
  }

  void upstreamLost(Step at, String from) {
    if (next != null && next.parentId.equals(from)) {
      giveUpNext(at);
    } else if (parent != null && parent.parentId.equals(from)) {
      heard(at, parent);
      if (parent.upstreamThere) {
        parent.upstreamThere = false;
        silenceHoldNs = NEVER;
        patienceNs = at.after(UPSTREAM_LOST_PATIENCE_NS);
      }
    }
  }

  /** The parent goes down and names places to go to. */
  void draining(Step at, String from, List<String> candidates) {
    if (next != null && next.parentId.equals(from)) {
      giveUpNext(at);
      search.avoid(at, from, 10_000 * MS);
    } else if (parent != null && parent.parentId.equals(from)) {
      search.avoid(at, from, 10_000 * MS);
      candidates.stream().filter(c -> !c.equals(self)).forEach(search::prefer);
      search.remember(parent.path.subList(0, parent.path.size() - 1).reversed());
      if (!search.on()) {
        search.start(at, Cause.DRAIN);
      }
    }
  }

  private static void heard(Step at, Seat seat) {
    seat.heardNs = at.nowNs;
    seat.keepDueNs = at.after(KEEP_PERIOD_NS);
  }

  private @Nullable Seat seatOf(String nodeId) {
    if (next != null && next.parentId.equals(nodeId)) {
      return next;
    }
    return parent != null && parent.parentId.equals(nodeId) ? parent : null;
  }

  /** What time brings; at the end of every step. */
  void advance(Step at) {
    keep(at, parent);
    keep(at, next);
    watch(at);
    if (next != null && at.due(next.flowDeadlineNs)) {
      if (live) {
        giveUpNext(at);
      } else {
        promote(at);
      }
    }
    if (next == null) {
      search.advance(at, wantedEpoch, mediaEpoch == wantedEpoch, this::allowed);
    }
    if (search.on() && parent == null && !orphanTold && at.due(orphanNs())) {
      orphanTold = true;
      at.act(new TreeAction.Orphaned());
    }
  }

  private void watch(Step at) {
    Seat current = parent;
    if (current == null) {
      return;
    }
    if (at.nowNs - current.heardNs >= PARENT_MUTE_NS) {
      departures.leave(at, current.parentId, current.attempt);
      parentGone(at, 1_000 * MS);
      return;
    }
    boolean neverFlowed = !current.flowing && !search.on() && at.due(current.flowDeadlineNs);
    if (at.due(silenceHoldNs) || at.due(patienceNs) || neverFlowed) {
      silenceHoldNs = NEVER;
      patienceNs = NEVER;
      current.flowDeadlineNs = NEVER;
      if (!live) {
        return; // while the broadcaster is away nobody else has more
      }
      search.remember(current.path.subList(0, current.path.size() - 1).reversed());
      search.avoid(at, current.parentId, 500 * MS);
      search.start(at, Cause.SILENT);
    }
    if (at.due(epochHoldNs)) {
      epochHoldNs = NEVER;
      if (current.epoch < wantedEpoch && !search.on()) {
        search.start(at, Cause.EPOCH);
      }
    }
    // Nobody has it and the parent is there and says that it has it: the broadcaster paused.
    if (search.on()
        && search.cause() == Cause.SILENT
        && next == null
        && current.upstreamThere
        && at.nowNs - search.sinceNs() >= SILENT_SEARCH_MAX_NS) {
      search.stop(at);
    }
  }

  private void keep(Step at, @Nullable Seat seat) {
    if (seat != null && at.due(seat.keepDueNs)) {
      seat.keepDueNs = at.after(KEEP_RESEND_NS);
      at.send(seat.parentId, new TreeMessage.Keep(stream, seat.epoch));
    }
  }

  private boolean allowed(Candidate candidate) {
    String id = candidate.nodeId();
    boolean current = parent != null && parent.parentId.equals(id);
    return !id.equals(self)
        && !candidate.path().contains(self)
        && candidate.path().size() < TreeMessage.PATH_MAX
        && !(current && (parent == null || parent.epoch >= wantedEpoch));
  }

  private long orphanNs() {
    return hadMedia() ? search.sinceNs() + 1_000 * MS : NEVER;
  }

  long wakeNs() {
    long wake = next == null ? search.wakeNs() : next.flowDeadlineNs;
    wake = Math.min(wake, Math.min(silenceHoldNs, Math.min(patienceNs, epochHoldNs)));
    if (parent != null) {
      wake = Math.min(wake, Math.min(parent.keepDueNs, parent.heardNs + PARENT_MUTE_NS));
      if (!parent.flowing && !search.on()) {
        wake = Math.min(wake, parent.flowDeadlineNs);
      }
      if (search.on() && search.cause() == Cause.SILENT) {
        wake = Math.min(wake, search.sinceNs() + SILENT_SEARCH_MAX_NS);
      }
    } else if (search.on() && !orphanTold) {
      wake = Math.min(wake, orphanNs());
    }
    return next == null ? wake : Math.min(wake, next.keepDueNs);
  }
}
