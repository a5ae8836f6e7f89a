package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import live.banyan.mesh.tree.TreeAction.Count;
import live.banyan.mesh.wire.TreeMessage;
import live.banyan.mesh.wire.TreeMessage.Reason;
import org.jspecify.annotations.Nullable;

/** The side towards the viewers: the children that this node serves, within its slots. */
final class Downstream {
  /** Three KEEPs and a half. A broken link frees the slot at once, this is for what is left. */
  private static final long CHILD_MUTE_NS = 7_000 * MS;

  private static final long PENDING_NS = 1_500 * MS;
  private static final int PENDING_MAX = 64;

  private record Waiting(TreeMessage.Join join, long untilNs) {}

  private final String stream;
  private final ChildSlots slots;
  private final Map<String, Slot> children = new LinkedHashMap<>();
  private final Relief relief;
  private final Map<String, Waiting> waiting = new LinkedHashMap<>();

  Downstream(String stream, ChildSlots slots) {
    this.stream = stream;
    this.slots = slots;
    this.relief = new Relief(stream);
  }

  boolean isChild(String nodeId) {
    return children.containsKey(nodeId);
  }

  /** A child that takes this epoch, or a later one, from here. */
  boolean isChildOf(String nodeId, long epoch) {
    Slot slot = children.get(nodeId);
    return slot != null && slot.epoch >= epoch;
  }

  /** Children that this node could serve. */
  int degree() {
    return slots.lasting();
  }

  /** Places for more, here and below. */
  int room() {
    long room = slots.free();
    for (Slot slot : children.values()) {
      room += Math.max(0, slot.room);
    }
    return (int) Math.min(room, TreeMessage.ROOM_MAX);
  }

  /** What {@link #join} would say. */
  TreeMessage probed(Step at, String from, TreeMessage.Probe probe, Place place) {
    boolean takesSpare = probe.lost() || Relief.inferior(children, probe.degree()) != null;
    int room = Math.min(takesSpare ? slots.left() : slots.free(), TreeMessage.ROOM_MAX);
    List<String> elsewhere = List.of();
    if (room == 0 && !probe.lost()) {
      elsewhere = elsewhere(at, from, place, Relief.withRoom(children, from));
    }
    return new TreeMessage.ProbeOk(
        stream, probe.nonce(), place.epoch(), place.path(), room, elsewhere);
  }

  int count() {
    return children.size();
  }

  List<String> ids() {
    return List.copyOf(children.keySet());
  }

  /** Keeps a JOIN until this node has a place of its own. */
  void hold(Step at, String from, TreeMessage.Join join) {
    if (waiting.containsKey(from) || waiting.size() < PENDING_MAX) {
      waiting.put(from, new Waiting(join, at.after(PENDING_NS)));
      at.send(from, new TreeMessage.Pending(stream, join.attempt()));
    }
  }

  /** Answers those who waited. */
  void admitWaiting(Step at, Place place) {
    List<String> all = List.copyOf(waiting.keySet());
    for (String child : all) {
      Waiting held = waiting.get(child);
      if (held != null && held.join().epoch() <= place.epoch()) {
        waiting.remove(child);
        join(at, child, held.join(), place);
      }
    }
  }

  void refuse(Step at, String from, long attempt, Reason reason) {
    at.count(Count.CHILD_REFUSED);
    at.send(from, new TreeMessage.Reject(stream, attempt, reason));
  }

  /** A JOIN, to a node that has the stream and is not going down. */
  void join(Step at, String from, TreeMessage.Join join, Place place) {
    if (place.path().contains(from)) {
      at.count(Count.LOOP_REFUSED);
      refuse(at, from, join.attempt(), Reason.LOOP);
      return;
    }
    if (place.path().size() >= TreeMessage.PATH_MAX) {
      refuse(at, from, join.attempt(), Reason.TOO_DEEP);
      return;
    }
    Slot slot = children.get(from);
    if (slot != null && slot.attempt == join.attempt()) {
      slot.heardNs = at.nowNs;
      accept(at, from, slot, place);
      return;
    }
    if (slot != null && slot.heirs != null) {
      close(at, from); // it has given its slot away
      slot = null;
    }
    // A child has its place already, unless it was lent out while the broadcaster was away.
    if (!slots.take(from, stream) && !inherit(from) && !changesOver(at, from, join)) {
      if (slot != null) {
        close(at, from);
      }
      redirect(at, from, join.attempt(), place);
      return;
    }
    if (slot != null) {
      at.act(new TreeAction.CloseChild(from));
    } else {
      slot = new Slot();
      children.put(from, slot);
    }
    slot.attempt = join.attempt();
    slot.heardNs = at.nowNs;
    slot.epoch = place.epoch();
    slot.description = null;
    slot.degree = join.degree();
    slot.room = join.degree();
    slot.movingNs = NEVER;
    byte[] positions = join.epoch() == place.epoch() ? join.positions() : new byte[0];
    at.act(new TreeAction.OpenChild(from, join.attempt(), positions));
  }

  /** One more for a while: it has lost its parent, or serves more than one who is here. */
  private boolean changesOver(Step at, String from, TreeMessage.Join join) {
    boolean better = join.degree() > 0 && Relief.inferior(children, join.degree()) != null;
    if (!(join.lost() || better) || !slots.takeSpare(from, stream)) {
      return false;
    }
    relief.begin(at);
    return true;
  }

  /** A child that goes down has left its slot to one of its own children. */
  private boolean inherit(String heir) {
    for (Map.Entry<String, Slot> entry : children.entrySet()) {
      List<String> heirs = entry.getValue().heirs;
      if (heirs != null && heirs.contains(heir)) {
        entry.getValue().heirs = List.of();
        slots.release(entry.getKey(), stream);
        return slots.take(heir, stream);
      }
    }
    return false;
  }

  private void redirect(Step at, String from, long attempt, Place place) {
    List<String> candidates = elsewhere(at, from, place, Relief.takeRoom(children, from));
    if (candidates.isEmpty()) {
      refuse(at, from, attempt, Reason.FULL);
    } else {
      at.count(Count.CHILD_REFUSED);
      at.send(from, new TreeMessage.Redirect(stream, attempt, candidates));
    }
  }

  /** Where a node may find room that finds none here. */
  private List<String> elsewhere(Step at, String from, Place place, List<String> withRoom) {
    List<String> candidates = new ArrayList<>(withRoom);
    for (Candidate carrier : at.around.carriers(stream)) {
      Slot child = children.get(carrier.nodeId());
      if (child != null
          && child.room < 0
          && carrier.freeSlots() > 0
          && !carrier.draining()
          && !carrier.nodeId().equals(from)
          && !carrier.path().contains(from)
          && candidates.size() < TreeMessage.CANDIDATES_MAX) {
        candidates.add(carrier.nodeId());
      }
    }
    if (candidates.isEmpty() && place.path().size() > 2) {
      candidates.add(
          place.parentId()); // which knows of places elsewhere; all ask the ingest anyway
    }
    return candidates;
  }

  /** The media plane has opened the relay, or has not. */
  void opened(Step at, String child, long attempt, byte[] description, @Nullable Place place) {
    Slot slot = children.get(child);
    if (slot == null || slot.attempt != attempt) {
      return;
    }
    if (description.length == 0) {
      drop(child);
      refuse(at, child, attempt, Reason.NOT_CARRIED);
      return;
    }
    if (place == null) {
      close(at, child);
      refuse(at, child, attempt, Reason.NOT_CARRIED);
      return;
    }
    int max = TreeMessage.DESCRIPTION_PART_BYTES * TreeMessage.DESCRIPTION_PARTS_MAX;
    if (description.length > max) {
      throw new IllegalArgumentException(
          "a description has at most " + max + " bytes, not " + description.length);
    }
    slot.description = description;
    at.count(Count.CHILD_ACCEPTED);
    accept(at, child, slot, place);
  }

  private void accept(Step at, String child, Slot slot, Place place) {
    byte[] description = slot.description;
    if (description == null) {
      return;
    }
    int part = TreeMessage.DESCRIPTION_PART_BYTES;
    int parts = (description.length + part - 1) / part;
    for (int i = 0; i < parts; i++) {
      byte[] piece =
          Arrays.copyOfRange(description, i * part, Math.min(description.length, (i + 1) * part));
      at.send(
          child,
          new TreeMessage.Accept(stream, slot.epoch, slot.attempt, place.path(), i, parts, piece));
    }
  }

  void keep(Step at, String from, TreeMessage.Keep keep, @Nullable Place place) {
    Slot slot = children.get(from);
    if (slot == null) {
      refuse(at, from, 0, Reason.NOT_A_CHILD);
      return;
    }
    slot.heardNs = at.nowNs;
    if (keep.degree() >= 0) {
      slot.degree = keep.degree();
      slot.room = keep.room();
    }
    tell(at, from, slot, place);
  }

  private void tell(Step at, String child, Slot slot, @Nullable Place place) {
    if (place == null || !place.serving()) {
      at.send(child, new TreeMessage.UpstreamLost(stream, slot.epoch));
    } else {
      at.send(child, new TreeMessage.Path(stream, place.epoch(), place.path()));
    }
  }

  void leave(Step at, String from, long attempt) {
    Waiting held = waiting.get(from);
    if (held != null && held.join().attempt() == attempt) {
      waiting.remove(from);
    }
    Slot slot = children.get(from);
    if (slot != null && slot.attempt == attempt) {
      close(at, from);
    }
    at.send(from, new TreeMessage.Left(stream, attempt));
  }

  void draining(String from, List<String> heirs) {
    Slot slot = children.get(from);
    if (slot != null && slot.heirs == null) {
      slot.heirs = heirs;
    }
  }

  void linkDown(Step at, String nodeId) {
    waiting.remove(nodeId);
    if (children.containsKey(nodeId)) {
      at.count(Count.CHILD_LOST);
      close(at, nodeId);
    }
  }

  /** The parent is silent: the children must not take it for a failure of this node. */
  void warn(Step at) {
    children.forEach(
        (child, slot) -> at.send(child, new TreeMessage.UpstreamLost(stream, slot.epoch)));
  }

  /** This node stands elsewhere now, or nowhere: the children are told. */
  void placed(Step at, @Nullable Place place) {
    for (String child : ids()) {
      if (place != null && place.path().contains(child)) {
        at.count(Count.LOOP_REFUSED);
        at.send(child, new TreeMessage.Reject(stream, 0, Reason.LOOP));
        close(at, child);
      } else {
        Slot slot = children.get(child);
        if (slot != null) {
          tell(at, child, slot, place);
        }
      }
    }
  }

  /** A child may stay no longer: it is shown the parent and the other children, or let go of. */
  void move(Step at, String child, String parentId, boolean now) {
    if (!children.containsKey(child)) {
      return;
    }
    if (now) {
      at.send(child, new TreeMessage.Reject(stream, 0, Reason.FULL));
      close(at, child);
      return;
    }
    List<String> places = new ArrayList<>();
    if (!parentId.isEmpty()) {
      places.add(parentId);
    }
    children.keySet().stream().filter(other -> !other.equals(child)).forEach(places::add);
    at.send(
        child,
        new TreeMessage.Draining(
            stream, places.stream().limit(TreeMessage.CANDIDATES_MAX).toList()));
  }

  /**
   * Nothing flows while the broadcaster is away: other streams may have the places meanwhile. The
   * children stay, and get them back when the stream does, as far as there are any.
   */
  void lendPlaces() {
    children.keySet().forEach(child -> slots.release(child, stream));
  }

  /** The stream flows again: a child whose place is taken must look elsewhere. */
  void reclaimPlaces(Step at) {
    for (String child : ids()) {
      if (!slots.take(child, stream) && !slots.takeSpare(child, stream)) {
        at.send(child, new TreeMessage.Reject(stream, 0, Reason.FULL));
        close(at, child);
      }
    }
  }

  /** Ends all relays. */
  void closeAll(Step at, Reason reason) {
    for (String child : ids()) {
      at.send(child, new TreeMessage.Reject(stream, 0, reason));
      close(at, child);
    }
    waiting.clear();
  }

  private void close(Step at, String child) {
    drop(child);
    at.act(new TreeAction.CloseChild(child));
  }

  private void drop(String child) {
    children.remove(child);
    slots.release(child, stream);
  }

  void advance(Step at) {
    relief.advance(at, children, slots.over());
    waiting.values().removeIf(held -> at.due(held.untilNs()));
    for (String child : ids()) {
      Slot slot = children.get(child);
      if (slot != null && at.nowNs - slot.heardNs >= CHILD_MUTE_NS) {
        at.count(Count.CHILD_LOST);
        close(at, child);
      }
    }
  }

  long wakeNs() {
    long wake = relief.wakeNs();
    for (Slot slot : children.values()) {
      wake = Math.min(wake, slot.heardNs + CHILD_MUTE_NS);
    }
    for (Waiting held : waiting.values()) {
      wake = Math.min(wake, held.untilNs());
    }
    return wake;
  }
}
