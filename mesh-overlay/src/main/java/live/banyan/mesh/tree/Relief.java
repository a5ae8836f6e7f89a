package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import live.banyan.mesh.wire.TreeMessage;
import org.jspecify.annotations.Nullable;

/**
 * Who moves further down when more children are here than places that last. It is the one that can
 * serve the fewest: who serves many belongs near the ingest, whoever came first. A child is shown
 * its new parents and keeps its place until it has one.
 */
final class Relief {
  private static final long REPEAT_NS = 2_000 * MS;

  /** Rooms below are told every two seconds: where there was none, there may be one then. */
  private static final long RETRY_NS = 500 * MS;

  private final String stream;
  private long dueNs = NEVER;

  Relief(String stream) {
    this.stream = stream;
  }

  /** The child that would make way for one of this degree; null when nobody would. */
  static @Nullable String inferior(Map<String, Slot> children, int degree) {
    String least = least(children);
    Slot slot = least == null ? null : children.get(least);
    return slot != null && 2L * slot.degree < degree ? least : null;
  }

  private static @Nullable String least(Map<String, Slot> children) {
    String least = null;
    int degree = Integer.MAX_VALUE;
    for (Map.Entry<String, Slot> entry : children.entrySet()) {
      Slot slot = entry.getValue();
      if (slot.degree >= 0 && slot.degree < degree && slot.movingNs == NEVER) {
        least = entry.getKey();
        degree = slot.degree;
      }
    }
    return least;
  }

  /** Children that have said that there is room at them or below them, most of it first. */
  static List<String> withRoom(Map<String, Slot> children, String except) {
    List<Map.Entry<String, Slot>> found = new ArrayList<>();
    for (Map.Entry<String, Slot> entry : children.entrySet()) {
      Slot slot = entry.getValue();
      boolean stays = slot.movingNs == NEVER && slot.heirs == null;
      if (slot.room > 0 && stays && !entry.getKey().equals(except)) {
        found.add(entry);
      }
    }
    found.sort(Comparator.comparingInt(entry -> -entry.getValue().room));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < found.size() && i < TreeMessage.CANDIDATES_MAX; i++) {
      ids.add(found.get(i).getKey());
    }
    return ids;
  }

  /** As {@link #withRoom}, for one that is sent there. */
  static List<String> takeRoom(Map<String, Slot> children, String except) {
    List<String> ids = withRoom(children, except);
    Slot first = ids.isEmpty() ? null : children.get(ids.getFirst());
    if (first != null) {
      first.room--; // taken, as far as anybody knows until it says so itself
    }
    return ids;
  }

  /**
   * Shows as many children the way as there are too many.
   *
   * @param over children beyond the places that last
   */
  void advance(Step at, Map<String, Slot> children, int over) {
    if (over == 0) {
      if (dueNs != NEVER) {
        children.values().forEach(slot -> slot.movingNs = NEVER);
        dueNs = NEVER;
      }
      return;
    }
    if (dueNs != NEVER && !at.due(dueNs)) {
      return;
    }
    int moving = 0;
    for (Slot slot : children.values()) {
      if (slot.movingNs != NEVER && at.nowNs - slot.movingNs < REPEAT_NS) {
        moving++;
      } else {
        slot.movingNs = NEVER;
      }
    }
    for (; moving < over; moving++) {
      String child = least(children);
      Slot slot = child == null ? null : children.get(child);
      List<String> places = child == null ? List.of() : takeRoom(children, child);
      if (child == null || slot == null || places.isEmpty()) {
        break;
      }
      slot.movingNs = at.nowNs;
      at.send(child, new TreeMessage.Draining(stream, places));
    }
    dueNs = at.after(RETRY_NS);
  }

  /** A child has come to a place that does not last. */
  void begin(Step at) {
    dueNs = at.nowNs;
  }

  long wakeNs() {
    return dueNs;
  }
}
