package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import live.banyan.mesh.wire.TreeMessage;

/**
 * A node that goes down says so: to its parent first, whose slot it leaves to its children, then to
 * the children. Repeated until seen.
 */
final class Drainage {
  private static final long RESEND_NS = 60 * MS;

  private final String stream;
  private final Set<String> seen = new HashSet<>();
  private long dueNs = NEVER;

  Drainage(String stream) {
    this.stream = stream;
  }

  void seen(String nodeId) {
    seen.add(nodeId);
  }

  void advance(Step at, String parentId, List<String> children) {
    if (children.isEmpty()) {
      dueNs = NEVER;
      return;
    }
    if (dueNs != NEVER && !at.due(dueNs)) {
      return;
    }
    dueNs = at.after(RESEND_NS);
    if (!parentId.isEmpty() && !seen.contains(parentId)) {
      at.send(parentId, new TreeMessage.Draining(stream, bounded(children)));
    }
    List<String> places = new ArrayList<>();
    if (!parentId.isEmpty()) {
      places.add(parentId);
    }
    places.addAll(children);
    for (String child : children) {
      if (!seen.contains(child)) {
        List<String> others = places.stream().filter(p -> !p.equals(child)).toList();
        at.send(child, new TreeMessage.Draining(stream, bounded(others)));
      }
    }
  }

  private static List<String> bounded(List<String> ids) {
    return ids.size() <= TreeMessage.CANDIDATES_MAX
        ? ids
        : List.copyOf(ids.subList(0, TreeMessage.CANDIDATES_MAX));
  }

  long wakeNs() {
    return dueNs;
  }
}
