package live.banyan.mesh.tree;

import java.util.HashSet;
import java.util.Set;

/**
 * The places for children that one node has, over all streams: a place is a (child, stream) pair.
 * Shared by the node's trees, which run on one thread.
 */
public final class ChildSlots {
  private record Place(String childId, String stream) {}

  private final int max;
  private final Set<Place> taken = new HashSet<>();

  /** For at most {@code max} relays at once. */
  public ChildSlots(int max) {
    this.max = max;
  }

  /** Takes a place; false when there is none. Idempotent. */
  boolean take(String childId, String stream) {
    Place place = new Place(childId, stream);
    if (taken.contains(place)) {
      return true;
    }
    return taken.size() < max && taken.add(place);
  }

  void release(String childId, String stream) {
    taken.remove(new Place(childId, stream));
  }

  public int max() {
    return max;
  }

  public int used() {
    return taken.size();
  }

  public int free() {
    return Math.max(0, max - taken.size());
  }
}
