package live.banyan.node.volunteer;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import live.banyan.mesh.policy.Ask;
import live.banyan.node.control.Shedding;

/**
 * Those who have to give their places back: each is told once. Children are shown other parents and
 * stay until they have one; who is still here after {@link #PATIENCE_MS} is let go of.
 */
final class Shed {
  private static final long PATIENCE_MS = 600;
  private static final String CHILD = "child ";
  private static final String VIEWER = "viewer ";

  /** When a place was told to go. */
  private final Map<String, Long> since = new HashMap<>();

  static String child(String stream, String nodeId) {
    return CHILD + nodeId + " " + stream;
  }

  static String viewer(String sessionId) {
    return VIEWER + sessionId;
  }

  void left(String id) {
    since.remove(id);
  }

  void move(List<Ask> overdue, Shedding way, long nowMs) {
    Set<String> ids = new HashSet<>();
    for (Ask ask : overdue) {
      ids.add(ask.id());
      Long told = since.putIfAbsent(ask.id(), nowMs);
      boolean late = told != null && nowMs - told >= PATIENCE_MS;
      if (ask.id().startsWith(VIEWER)) {
        if (told == null) {
          way.endViewer(
              ask.id().substring(VIEWER.length()), "this node carries the stream no more");
        }
      } else if (told == null || late) {
        String nodeId = ask.id().substring(CHILD.length(), ask.id().indexOf(' ', CHILD.length()));
        way.moveChild(ask.stream(), nodeId, late);
      }
    }
    since.keySet().retainAll(ids);
  }
}
