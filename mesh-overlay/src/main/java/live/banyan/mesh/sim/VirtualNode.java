package live.banyan.mesh.sim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import live.banyan.mesh.tree.Candidate;
import live.banyan.mesh.tree.ChildSlots;
import live.banyan.mesh.tree.StreamTree;
import live.banyan.mesh.tree.Surroundings;
import live.banyan.mesh.tree.TreeAction;
import live.banyan.mesh.tree.TreeEvent;
import live.banyan.mesh.tree.TreeState;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/** One node: what {@code mesh.host} does on a real one, around the same machine. */
final class VirtualNode implements Surroundings {
  private static final long MS = 1_000_000L;

  /** A link that carries relays is given up after this silence, another after {@link #IDLE_NS}. */
  private static final long HEARTBEAT_NS = 300 * MS;

  private static final long IDLE_NS = 1_500 * MS;
  private static final long ORPHAN_LOOKUP_NS = 500 * MS;
  private static final long REFRESH_NS = 20_000 * MS;
  private static final long HANDSHAKE_NS = 1_500 * MS;

  final Simulation world;
  final String id;
  final double xMs;
  final double yMs;
  final double accessMs;
  final Capacity capacity;
  final ChildSlots slots;
  final StreamTree tree;
  final MediaState media;
  final long bornNs;

  boolean alive = true;
  boolean blackHole;
  boolean wants;

  /** Where the records list it; -1 where they do not. */
  int listedAt = -1;

  @Nullable ProviderRecord published;

  /** First packet after wanting the stream; -1 before it. */
  long firstMediaNs = -1;

  private final List<VirtualNode> links = new ArrayList<>(4);
  private final Deque<TreeEvent> events = new ArrayDeque<>(2);
  private List<Providers.Sighting> sightings = List.of();
  private TreeAction.@Nullable Carrying place;
  private boolean stepping;
  private boolean lookingUp;
  private boolean refreshing;
  private int standing;
  private long timerNs = Long.MAX_VALUE;

  VirtualNode(Simulation world, String id, double[] position, Capacity capacity) {
    this.world = world;
    this.id = id;
    this.xMs = position[0];
    this.yMs = position[1];
    this.accessMs = position[2];
    this.capacity = capacity;
    this.slots = new ChildSlots(capacity.slots(), capacity.slots() - capacity.usable());
    this.tree = new StreamTree(Simulation.STREAM, id, slots);
    this.media = new MediaState(this);
    this.bornNs = world.nowNs();
  }

  // --- what happens to it
  // -------------------------------------------------------------------------

  /** Somebody wants the stream here: finds out about it, and joins. */
  void want() {
    wants = true;
    lookUp();
  }

  private void lookUp() {
    if (lookingUp) {
      return;
    }
    lookingUp = true;
    world.queue().after(world.providers().lookupNs(this), this::lookedUp);
  }

  /** Records age: each node that takes part looks anew now and then. */
  private void refresh() {
    refreshing = false;
    if (alive && wants && !blackHole) {
      lookUp();
    }
  }

  private void lookedUp() {
    lookingUp = false;
    if (!alive) {
      return;
    }
    sightings = world.providers().sample(this);
    if (!refreshing) {
      refreshing = true;
      world.queue().after(REFRESH_NS + world.random().nextLong(REFRESH_NS / 2), this::refresh);
    }
    step(new TreeEvent.StreamSeen(world.epoch(), world.ingest().id, true));
    step(new TreeEvent.SurroundingsChanged());
    if (wants && tree.parentId().isEmpty() && firstMediaNs < 0) {
      step(new TreeEvent.Wanted());
    }
    if (tree.state() == TreeState.ORPHAN) {
      world.queue().after(ORPHAN_LOOKUP_NS, this::lookUpAsOrphan);
    }
  }

  private void lookUpAsOrphan() {
    if (tree.state() == TreeState.ORPHAN) {
      lookUp();
    }
  }

  /** The publisher connects here. */
  void root(long epoch) {
    step(new TreeEvent.Rooted(epoch));
    media.root(true);
  }

  /** Ends without a word: kill -9, or a black hole that looks alive to nobody in the end. */
  void vanish(boolean blackHoled) {
    if (!alive || blackHole) {
      return;
    }
    world.gone(this);
    if (blackHoled) {
      blackHole = true;
    } else {
      alive = false;
    }
    media.stopSending();
    for (VirtualNode peer : links) {
      boolean active = media.relaysWith(peer);
      long noticedNs = (active ? HEARTBEAT_NS : IDLE_NS) + world.random().nextLong(50 * MS);
      world.queue().after(noticedNs, () -> peer.linkLost(this));
    }
    links.clear();
  }

  /** Says good-bye and goes once its children have moved, or after two seconds. */
  void leave() {
    wants = false;
    step(new TreeEvent.Unwanted());
    step(new TreeEvent.Drain());
    world.queue().after(2_000 * MS, () -> vanish(false));
  }

  private void linkLost(VirtualNode peer) {
    if (links.remove(peer)) {
      step(new TreeEvent.LinkDown(peer.id));
    }
  }

  void hear(VirtualNode from, TreeMessage message) {
    if (alive) {
      step(new TreeEvent.Heard(from.id, message));
    }
  }

  // --- driving the machine
  // ------------------------------------------------------------------------

  void step(TreeEvent event) {
    if (!alive) {
      return;
    }
    events.add(event);
    if (stepping) {
      return;
    }
    stepping = true;
    for (TreeEvent next = events.poll(); next != null; next = events.poll()) {
      List<TreeAction> actions = tree.step(next, this, world.nowNs(), world.random());
      for (int i = 0; i < actions.size(); i++) {
        perform(actions.get(i));
      }
    }
    stepping = false;
    wake();
  }

  private void wake() {
    long wakeNs = tree.wakeNs();
    if (wakeNs >= timerNs) {
      return;
    }
    timerNs = wakeNs;
    if (wakeNs <= world.nowNs() && ++standing > 1_000) {
      throw new IllegalStateException(id + " in " + tree.state() + " does not go on");
    } else if (wakeNs > world.nowNs()) {
      standing = 0;
    }
    world.queue().after(wakeNs - world.nowNs(), () -> timer(wakeNs));
  }

  private void timer(long dueNs) {
    if (timerNs != dueNs) {
      return; // an earlier one has been set since
    }
    timerNs = Long.MAX_VALUE;
    if (tree.wakeNs() <= world.nowNs()) {
      step(new TreeEvent.Tick());
    } else if (alive) {
      wake();
    }
  }

  private void perform(TreeAction action) {
    switch (action) {
      case TreeAction.Connect a -> connect(world.node(a.nodeId()));
      case TreeAction.Send a -> send(a.to(), a.message());
      case TreeAction.SendJoin a ->
          send(
              a.to(),
              new TreeMessage.Join(
                  Simulation.STREAM,
                  a.epoch(),
                  a.attempt(),
                  a.withPositions() ? POSITIONS : NONE,
                  a.degree(),
                  a.lost()));
      case TreeAction.OpenChild a -> {
        VirtualNode child = world.node(a.childId());
        media.open(child);
        events.add(new TreeEvent.ChildOpened(a.childId(), a.attempt(), DESCRIPTION));
      }
      case TreeAction.CloseChild a -> media.close(world.node(a.childId()));
      case TreeAction.AttachParent a -> media.attach(world.node(a.parentId()));
      case TreeAction.DetachParent a -> media.detach(world.node(a.parentId()));
      case TreeAction.Orphaned a -> lookUp();
      case TreeAction.Attached a -> {}
      case TreeAction.Refused a -> refused();
      case TreeAction.Carrying a -> {
        boolean first = place == null;
        place = a;
        if (first && slots.max() > 0) {
          world.providers().publish(this);
        }
      }
      case TreeAction.NotCarrying a -> place = null;
      case TreeAction.Ended a -> {}
      case TreeAction.Counted a -> world.measures().counted(this, a.what());
    }
  }

  /** Opaque to everything here; of a usual length. */
  private static final byte[] DESCRIPTION = new byte[120];

  private static final byte[] POSITIONS = new byte[24];
  private static final byte[] NONE = new byte[0];

  private void refused() {
    if (wants && firstMediaNs < 0) {
      world.measures().joinRefused();
    }
    world.queue().after(500 * MS, this::lookUp);
  }

  private void send(String to, TreeMessage message) {
    VirtualNode peer = world.node(to);
    if (links.contains(peer)) {
      world.network().send(this, peer, message);
    }
  }

  private void connect(VirtualNode peer) {
    if (links.contains(peer)) {
      events.add(new TreeEvent.LinkUp(peer.id));
      return;
    }
    // Connectivity check, then the two round trips of DTLS 1.2 with a cookie left out.
    long rttNs = 2 * world.network().oneWayNs(this, peer) + world.network().jitterNs();
    world.queue().after(5 * rttNs / 2, () -> connected(peer));
  }

  private void connected(VirtualNode peer) {
    if (!alive || links.contains(peer)) {
      return;
    }
    if (!world.network().reaches(this, peer) || !world.network().reaches(peer, this)) {
      world.queue().after(HANDSHAKE_NS, () -> step(new TreeEvent.LinkDown(peer.id)));
      return;
    }
    links.add(peer);
    peer.links.add(this);
    step(new TreeEvent.LinkUp(peer.id));
    peer.step(new TreeEvent.LinkUp(id));
  }

  /** What it would publish; null when it has nothing to offer. */
  @Nullable ProviderRecord standing() {
    TreeAction.Carrying now = place;
    return now == null
        ? null
        : new ProviderRecord(world.nowNs(), now.epoch(), now.path(), slots.free());
  }

  long carriedEpoch() {
    TreeAction.Carrying now = place;
    return now == null ? -1 : now.epoch();
  }

  // --- what it knows of the others
  // ----------------------------------------------------------------

  @Override
  public List<Candidate> carriers(String stream) {
    List<Candidate> candidates = new ArrayList<>(sightings.size());
    for (Providers.Sighting sighting : sightings) {
      ProviderRecord record = sighting.record();
      candidates.add(candidate(sighting.node(), record.path(), record.epoch(), record.freeSlots()));
    }
    return candidates;
  }

  @Override
  public Optional<Candidate> peer(String nodeId, String stream) {
    return Optional.of(candidate(world.node(nodeId), List.of(), -1, 1));
  }

  private Candidate candidate(VirtualNode node, List<String> path, long epoch, int freeSlots) {
    long rttNs = 2 * world.network().oneWayNs(this, node);
    return new Candidate(node.id, path, epoch, freeSlots, false, links.contains(node), rttNs);
  }
}
