package live.banyan.mesh.tree;

import java.util.HashSet;
import java.util.Set;

/**
 * The places for children that one node has, over all streams: a place is a (child, stream) pair.
 * Some may be kept for those who have lost their parent, and for changing children over. Shared by
 * the node's trees, which run on one thread.
 */
public final class ChildSlots {
  private record Place(String childId, String stream) {}

  private final int max;
  private final int spare;
  private final Set<Place> taken = new HashSet<>();

  /** For at most {@code max} relays at once. */
  public ChildSlots(int max) {
    this(max, 0);
  }

  /** For at most {@code max} relays at once, {@code spare} of which only for a while. */
  public ChildSlots(int max, int spare) {
    this.max = max;
    this.spare = spare;
  }

  /** Takes a place; false when there is none. Idempotent. */
  boolean take(String childId, String stream) {
    return take(childId, stream, lasting());
  }

  /** Takes a place even of those that are kept; somebody must move before long. */
  boolean takeSpare(String childId, String stream) {
    return take(childId, stream, max);
  }

  private boolean take(String childId, String stream, int limit) {
    Place place = new Place(childId, stream);
    if (taken.contains(place)) {
      return true;
    }
    return taken.size() < limit && taken.add(place);
  }

  /** Places that are not kept for a while only. */
  int lasting() {
    return max - spare;
  }

  /** Kept places that are taken. */
  int over() {
    return Math.max(0, taken.size() - lasting());
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

  /** Places that nobody has, the kept ones included. */
  int left() {
    return Math.max(0, max - taken.size());
  }

  public int free() {
    return Math.max(0, lasting() - taken.size());
  }
}
