package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.List;
import java.util.Objects;
import java.util.random.RandomGenerator;
import live.banyan.mesh.tree.TreeAction.Count;
import live.banyan.mesh.wire.TreeMessage;
import live.banyan.mesh.wire.TreeMessage.Reason;
import org.jspecify.annotations.Nullable;

/**
 * One stream's relay tree at one node. Told what happens, it answers with what to do; it has no
 * clock of its own. One thread at a time.
 *
 * <p>What keeps the tree free of loops: a parent refuses a child that stands in its path, a child
 * refuses a parent whose path holds itself or a child of its own, and whoever finds itself in the
 * path that its parent tells leaves at once.
 */
public final class StreamTree {
  /** A stream stays this long after its last viewer here, for the next. */
  static final long LINGER_NS = 5_000 * MS;

  /** The broadcaster may be away this long. */
  static final long WAITING_NS = 60_000 * MS;

  private static final long FIRST_PARENT_NS = 3_000 * MS;

  /** A dead child's slot is free within 500 ms; who is full after that stays full. */
  private static final long FULL_NS = 1_200 * MS;

  private final String stream;
  private final String self;
  private final Departures departures;
  private final Downstream downstream;
  private final Upstream upstream;
  private final Drainage drainage;

  private boolean known;
  private boolean live;
  private boolean wanted;
  private boolean answerDue;
  private boolean draining;
  private long rootEpoch = -1;
  private long lingerNs = NEVER;
  private long endNs = NEVER;
  private @Nullable Place told;
  private int toldChildren;

  /**
   * A tree at rest.
   *
   * @param slots shared by all streams of the node
   */
  public StreamTree(String stream, String self, ChildSlots slots) {
    this.stream = stream;
    this.self = self;
    this.departures = new Departures(stream);
    this.downstream = new Downstream(stream, slots);
    this.upstream = new Upstream(stream, self, departures, downstream);
    this.drainage = new Drainage(stream);
  }

  public String stream() {
    return stream;
  }

  /** Where the node stands now. */
  public TreeState state() {
    if (draining) {
      return TreeState.DRAINING;
    }
    if (rootEpoch >= 0) {
      return TreeState.ROOT;
    }
    boolean searching = upstream.isChanging();
    if (upstream.parent() != null) {
      return searching ? TreeState.REPARENTING : TreeState.ATTACHED;
    }
    if (!searching) {
      return TreeState.IDLE;
    }
    return upstream.hadMedia() ? TreeState.ORPHAN : TreeState.JOINING;
  }

  /** Nodes that this node sends the stream to. */
  public List<String> children() {
    return downstream.ids();
  }

  /** The node that it takes the stream from; empty without one. */
  public String parentId() {
    Seat parent = upstream.parent();
    return rootEpoch >= 0 || parent == null ? "" : parent.parentId;
  }

  /** Whether the link to a node is needed. */
  public boolean uses(String nodeId) {
    return upstream.uses(nodeId) || downstream.isChild(nodeId) || departures.uses(nodeId);
  }

  /** Nothing left to do: the driver may forget the tree. */
  public boolean isIdle() {
    return !wanted
        && rootEpoch < 0
        && downstream.count() == 0
        && upstream.isAtRest()
        && departures.wakeNs() == NEVER;
  }

  /** All children have moved, or this is the ingest, whose children cannot. */
  public boolean isDrained() {
    return downstream.count() == 0 || rootEpoch >= 0;
  }

  /** When {@link TreeEvent.Tick} is due; {@code Long.MAX_VALUE} for never. */
  public long wakeNs() {
    long wake = Math.min(upstream.wakeNs(), downstream.wakeNs());
    wake = Math.min(wake, Math.min(departures.wakeNs(), drainage.wakeNs()));
    wake = Math.min(wake, Math.min(lingerNs, endNs));
    return answerDue && upstream.search().on() ? Math.min(wake, refusalNs()) : wake;
  }

  /**
   * One step.
   *
   * @param nowNs not negative, never runs backwards
   * @return what to do, in this order
   */
  public List<TreeAction> step(
      TreeEvent event, Surroundings around, long nowNs, RandomGenerator random) {
    Step at = new Step(nowNs, random, around);
    happen(at, event);
    advance(at);
    return at.actions;
  }

  private void happen(Step at, TreeEvent event) {
    switch (event) {
      case TreeEvent.Wanted e -> want(at);
      case TreeEvent.Unwanted e -> {
        wanted = false;
        answerDue = false;
      }
      case TreeEvent.Rooted e -> root(at, e.epoch());
      case TreeEvent.Unrooted e -> rootEpoch = -1;
      case TreeEvent.StreamSeen e -> seen(at, e);
      case TreeEvent.StreamGone e -> {
        known = false;
        absent(at);
        upstream.gone();
      }
      case TreeEvent.SurroundingsChanged e -> upstream.search().surroundingsChanged(at);
      case TreeEvent.LinkUp e -> upstream.linkUp(at, e.nodeId());
      case TreeEvent.LinkDown e -> {
        downstream.linkDown(at, e.nodeId());
        departures.linkDown(e.nodeId());
        upstream.linkDown(at, e.nodeId());
      }
      case TreeEvent.Heard e -> heard(at, e.from(), e.message());
      case TreeEvent.ParentFlowing e -> upstream.flowing(at, e.parentId());
      case TreeEvent.ParentSilent e -> upstream.silent(at, e.parentId());
      case TreeEvent.ChildOpened e ->
          downstream.opened(at, e.childId(), e.attempt(), e.description(), place());
      case TreeEvent.MoveChild e -> downstream.move(at, e.childId(), parentId(), e.now());
      case TreeEvent.Drain e -> draining = true;
      case TreeEvent.Tick e -> {}
    }
  }

  private void want(Step at) {
    wanted = true;
    answerDue = true;
    Refusal refusal =
        draining
            ? Refusal.DRAINING
            : rootEpoch >= 0 || upstream.parent() != null
                ? null
                : !known ? Refusal.UNKNOWN_STREAM : !live ? Refusal.NOT_LIVE : null;
    if (refusal != null) {
      wanted = false;
      answerDue = false;
      at.act(new TreeAction.Refused(refusal));
    } else if (rootEpoch < 0) {
      upstream.want(at);
    }
  }

  private void root(Step at, long epoch) {
    rootEpoch = epoch;
    upstream.stop(at);
    downstream.reclaimPlaces(at);
    endNs = NEVER;
  }

  private void seen(Step at, TreeEvent.StreamSeen e) {
    if (e.epoch() < Math.max(rootEpoch, upstream.wantedEpoch())) {
      return; // the directory is behind what the publisher or the parent has said
    }
    known = true;
    live = e.live();
    if (live) {
      endNs = NEVER;
      downstream.reclaimPlaces(at);
    } else {
      absent(at);
    }
    upstream.seen(at, e.epoch(), e.ingest(), live);
    if (rootEpoch >= 0 && e.epoch() > rootEpoch && !e.ingest().equals(self)) {
      // A publisher has taken the stream elsewhere; the program will say so too.
      rootEpoch = -1;
    }
    upstream.search().surroundingsChanged(at);
  }

  private void absent(Step at) {
    live = false;
    if (rootEpoch < 0) {
      downstream.lendPlaces();
    }
    if (endNs == NEVER && !isIdle()) {
      endNs = at.after(WAITING_NS);
    }
  }

  private void heard(Step at, String from, TreeMessage message) {
    switch (message) {
      case TreeMessage.Join m -> join(at, from, m);
      case TreeMessage.Accept m -> upstream.accepted(at, from, m);
      case TreeMessage.Pending m -> upstream.pending(at, from, m);
      case TreeMessage.Redirect m -> upstream.search().redirected(at, from, m);
      case TreeMessage.Reject m -> upstream.rejected(at, from, m);
      case TreeMessage.Keep m -> downstream.keep(at, from, m, place());
      case TreeMessage.Path m -> upstream.path(at, from, m);
      case TreeMessage.UpstreamLost m -> upstream.upstreamLost(at, from);
      case TreeMessage.Leave m -> downstream.leave(at, from, m.attempt());
      case TreeMessage.Left m -> departures.left(m.attempt());
      case TreeMessage.Draining m -> {
        at.send(from, new TreeMessage.DrainingSeen(stream));
        if (downstream.isChild(from)) {
          downstream.draining(from, m.candidates());
        } else {
          upstream.draining(at, from, m.candidates());
        }
      }
      case TreeMessage.DrainingSeen m -> drainage.seen(from);
      case TreeMessage.Probe m -> probe(at, from, m);
      case TreeMessage.ProbeOk m -> upstream.probed(at, from, m);
    }
  }

  private void join(Step at, String from, TreeMessage.Join join) {
    Place place = place();
    if (draining) {
      downstream.refuse(at, from, join.attempt(), Reason.DRAINING);
    } else if (rootEpoch < 0 && upstream.isAncestor(from)) {
      at.count(Count.LOOP_REFUSED);
      downstream.refuse(at, from, join.attempt(), Reason.LOOP);
    } else if (place == null) {
      if (state() == TreeState.JOINING) {
        downstream.hold(at, from, join);
      } else {
        Reason reason = state() == TreeState.ORPHAN ? Reason.NOT_FLOWING : Reason.NOT_CARRIED;
        downstream.refuse(at, from, join.attempt(), reason);
      }
    } else if (!place.serving()) {
      downstream.refuse(at, from, join.attempt(), Reason.NOT_FLOWING);
    } else if (join.epoch() > place.epoch()) {
      if (upstream.wantedEpoch() >= join.epoch()) {
        downstream.hold(at, from, join);
      } else {
        downstream.refuse(at, from, join.attempt(), Reason.NOT_CARRIED);
      }
    } else {
      downstream.join(at, from, join, place);
    }
  }

  /** Somebody asks whether it could come here. */
  private void probe(Step at, String from, TreeMessage.Probe probe) {
    Place place = place();
    if (draining || place == null || !place.serving()) {
      Reason reason = draining ? Reason.DRAINING : Reason.NOT_FLOWING;
      at.send(from, new TreeMessage.Reject(stream, probe.nonce(), reason));
    } else {
      at.send(from, downstream.probed(at, from, probe, place));
    }
  }

  private @Nullable Place place() {
    if (rootEpoch >= 0) {
      return new Place(rootEpoch, "", List.of(self), true);
    }
    return upstream.place();
  }

  /** What follows from what happened, and what time brings. */
  private void advance(Step at) {
    downstream.advance(at);
    departures.advance(at);
    if (at.due(endNs)) {
      end(at);
    }
    if (rootEpoch < 0) {
      upstream.watch(at);
    }
    linger(at);
    if (rootEpoch < 0) {
      upstream.advance(at);
    }
    place(at);
    answer(at);
    if (draining) {
      drainage.advance(
          at, rootEpoch >= 0 ? "" : parentId(), rootEpoch >= 0 ? List.of() : downstream.ids());
    }
  }

  private void end(Step at) {
    endNs = NEVER;
    wanted = false;
    downstream.closeAll(at, Reason.NOT_CARRIED);
    upstream.stop(at);
    if (answerDue) {
      answerDue = false;
      at.act(new TreeAction.Refused(Refusal.NOT_LIVE));
    }
    at.act(new TreeAction.Ended());
  }

  private void linger(Step at) {
    boolean needed = wanted || downstream.count() > 0 || rootEpoch >= 0;
    if (needed || upstream.isAtRest()) {
      lingerNs = NEVER;
      if (needed && rootEpoch < 0) {
        upstream.want(at);
      }
    } else if (draining || !upstream.isSettled()) {
      // Keeping what is here costs little; a new place would be taken from somebody who watches.
      lingerNs = NEVER;
      upstream.stop(at);
    } else if (lingerNs == NEVER) {
      lingerNs = at.after(LINGER_NS);
    } else if (at.due(lingerNs)) {
      lingerNs = NEVER;
      upstream.stop(at);
    }
  }

  /** Children and directory are told when the place has changed. */
  private void place(Step at) {
    Place now = place();
    boolean moved = !Objects.equals(now, told);
    if (moved) {
      told = now;
      downstream.placed(at, now);
      if (now != null && now.serving()) {
        downstream.admitWaiting(at, now);
      }
    }
    int children = downstream.count();
    if (moved || children != toldChildren) {
      toldChildren = children;
      at.act(
          now != null && now.serving()
              ? new TreeAction.Carrying(now.epoch(), now.parentId(), now.path(), children)
              : new TreeAction.NotCarrying());
    }
  }

  private long refusalNs() {
    Search search = upstream.search();
    return search.sinceNs() + (search.refusal() == Refusal.FULL ? FULL_NS : FIRST_PARENT_NS);
  }

  private void answer(Step at) {
    if (!answerDue) {
      return;
    }
    if (rootEpoch >= 0 || upstream.parent() != null) {
      answerDue = false;
      at.act(new TreeAction.Attached());
    } else if (upstream.search().on() && at.due(refusalNs())) {
      answerDue = false;
      wanted = false;
      at.act(new TreeAction.Refused(upstream.search().refusal()));
    }
  }
}
