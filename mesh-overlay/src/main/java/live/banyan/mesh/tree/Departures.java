package live.banyan.mesh.tree;

import static live.banyan.mesh.tree.Step.MS;
import static live.banyan.mesh.tree.Step.NEVER;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import live.banyan.mesh.wire.TreeMessage;

/** LEAVE messages that were not answered yet: a lost one would hold a slot for seconds. */
final class Departures {
  private static final long RESEND_NS = 100 * MS;
  private static final int SENDS_MAX = 4;
  private static final int OPEN_MAX = 64;

  private static final class Open {
    final String parentId;
    int sends = 1;
    long dueNs;

    Open(String parentId) {
      this.parentId = parentId;
    }
  }

  private final String stream;
  private final Map<Long, Open> open = new LinkedHashMap<>();

  Departures(String stream) {
    this.stream = stream;
  }

  /** Tells a parent, or one that may have become one, that we go. */
  void leave(Step at, String parentId, long attempt) {
    at.send(parentId, new TreeMessage.Leave(stream, attempt));
    if (open.size() < OPEN_MAX) {
      Open departure = new Open(parentId);
      departure.dueNs = at.after(RESEND_NS);
      open.put(attempt, departure);
    }
  }

  void left(long attempt) {
    open.remove(attempt);
  }

  void linkDown(String nodeId) {
    open.values().removeIf(departure -> departure.parentId.equals(nodeId));
  }

  boolean uses(String nodeId) {
    return open.values().stream().anyMatch(departure -> departure.parentId.equals(nodeId));
  }

  void advance(Step at) {
    Iterator<Map.Entry<Long, Open>> entries = open.entrySet().iterator();
    while (entries.hasNext()) {
      Map.Entry<Long, Open> entry = entries.next();
      Open departure = entry.getValue();
      if (!at.due(departure.dueNs)) {
        continue;
      }
      if (departure.sends == SENDS_MAX) {
        entries.remove();
      } else {
        departure.sends++;
        departure.dueNs = at.after(RESEND_NS);
        at.send(departure.parentId, new TreeMessage.Leave(stream, entry.getKey()));
      }
    }
  }

  long wakeNs() {
    return open.values().stream().mapToLong(d -> d.dueNs).min().orElse(NEVER);
  }
}
