package live.banyan.mesh.sim;

import java.util.ArrayList;
import java.util.List;
import live.banyan.mesh.tree.TreeEvent;
import org.jspecify.annotations.Nullable;

/**
 * Media at one node, as changes alone: a relay flows or does not, and the change reaches the child
 * a latency later. A packet each {@value #GAP_MS} ms is understood in between.
 */
final class MediaState {
  private static final long MS = 1_000_000L;

  /** Between two packets: sound at 50 a second is the slowest stream that matters. */
  static final long GAP_MS = 20;

  private static final long GAP_NS = GAP_MS * MS;

  /** Receiving, deciding and sending on. */
  private static final long FORWARD_NS = 2 * MS;

  private final VirtualNode node;
  private final List<Relay> children = new ArrayList<>(0);
  private final List<Relay> incoming = new ArrayList<>(1);
  private final List<Attachment> parents = new ArrayList<>(1);
  private @Nullable Relay feed;
  private boolean isRoot;
  private boolean flowing;
  private boolean stopped;
  private long changedNs;

  MediaState(VirtualNode node) {
    this.node = node;
  }

  boolean flowing() {
    return flowing;
  }

  /** Since when it flows, or does not. */
  long changedNs() {
    return changedNs;
  }

  int childrenCount() {
    int count = 0;
    for (Relay relay : children) {
      if (relay.child.alive) {
        count++;
      }
    }
    return count;
  }

  List<Relay> children() {
    return children;
  }

  /** Where the media comes from now; null at the root, or without any. */
  @Nullable VirtualNode source() {
    Relay now = feed;
    return now == null ? null : now.parent;
  }

  boolean relaysWith(VirtualNode peer) {
    return children.stream().anyMatch(r -> r.child == peer)
        || parents.stream().anyMatch(a -> a.parent == peer);
  }

  void root(boolean publishing) {
    isRoot = publishing;
    update();
  }

  /** A dead or black-holed node sends nothing more. */
  void stopSending() {
    stopped = true;
    for (Relay relay : children) {
      tell(relay, false);
    }
  }

  void open(VirtualNode child) {
    close(child);
    Relay relay = new Relay(node, child);
    children.add(relay);
    child.media.incoming.add(relay);
    if (flowing) {
      tell(relay, true);
    }
  }

  void close(VirtualNode child) {
    for (int i = 0; i < children.size(); i++) {
      Relay relay = children.get(i);
      if (relay.child == child) {
        children.remove(i);
        relay.closed = true;
        tell(relay, false);
        return;
      }
    }
  }

  private void tell(Relay relay, boolean on) {
    if (on && stopped) {
      return;
    }
    // The last packet left up to a packet's distance before the end; the first leaves at once.
    long agoNs = on ? 0 : node.world.random().nextLong(GAP_NS);
    long arrivesNs = node.world.network().oneWayNs(node, relay.child) + FORWARD_NS - agoNs;
    node.world.queue().after(arrivesNs, () -> relay.child.media.arrives(relay, on));
  }

  private void arrives(Relay relay, boolean on) {
    if (!node.alive) {
      return;
    }
    relay.on = on;
    if (!on && relay.closed) {
      incoming.remove(relay);
    }
    Attachment parent = attachment(relay.parent);
    if (parent != null) {
      look(parent);
    }
  }

  void attach(VirtualNode parent) {
    Attachment known = attachment(parent);
    if (known == null) {
      known = new Attachment(parent);
      parents.add(known);
    }
    known.toldFlowing = false;
    known.on = false;
    known.changes++;
    look(known);
  }

  void detach(VirtualNode parent) {
    Attachment known = attachment(parent);
    if (known != null) {
      parents.remove(known);
      known.changes++;
      update();
    }
  }

  private @Nullable Attachment attachment(VirtualNode parent) {
    for (Attachment each : parents) {
      if (each.parent == parent) {
        return each;
      }
    }
    return null;
  }

  private @Nullable Relay from(VirtualNode parent) {
    for (Relay relay : incoming) {
      if (relay.parent == parent && relay.on) {
        return relay;
      }
    }
    return null;
  }

  /** Sees whether a parent's packets arrive. */
  private void look(Attachment parent) {
    boolean on = from(parent.parent) != null;
    if (on != parent.on) {
      parent.on = on;
      int change = ++parent.changes;
      if (!on) {
        node.world.queue().after(silenceNs(), () -> silent(parent, change));
      }
    }
    update();
    if (on && !parent.toldFlowing) {
      parent.toldFlowing = true;
      node.step(new TreeEvent.ParentFlowing(parent.parent.id));
    }
  }

  private void silent(Attachment parent, int change) {
    if (parent.changes == change && parent.toldFlowing && node.alive) {
      parent.toldFlowing = false;
      node.world.measures().silent(node, parent.parent);
      node.step(new TreeEvent.ParentSilent(parent.parent.id));
    }
  }

  /** As the shard counts it: three gaps and four times the jitter, 60 ms at least. */
  private long silenceNs() {
    // The mean difference of two arrivals is a third of the range that they spread over.
    long jitterNs = 2 * node.world.network().conditions().jitterNs() / 3;
    return Math.max(60 * MS, 3 * GAP_NS + 4 * jitterNs);
  }

  /** Goes by the parent that feeds this node, and passes a change on to the children. */
  private void update() {
    Relay now = feed;
    if (now == null || !now.on || attachment(now.parent) == null) {
      now = anotherFeed();
      feed = now;
    }
    boolean flows = isRoot || now != null;
    if (flows == flowing) {
      return;
    }
    flowing = flows;
    long sinceNs = changedNs;
    changedNs = node.world.nowNs();
    node.world.measures().flowChanged(node, flows, sinceNs);
    for (Relay relay : children) {
      tell(relay, flows);
    }
  }

  /** What this node has sent itself is nothing new to it. */
  private @Nullable Relay anotherFeed() {
    for (Attachment parent : parents) {
      Relay relay = from(parent.parent);
      if (relay != null && !leadsHere(relay.parent)) {
        return relay;
      }
    }
    return null;
  }

  private boolean leadsHere(VirtualNode above) {
    VirtualNode at = above;
    for (int i = 0; at != null && i < 64; i++) {
      if (at == node) {
        return true;
      }
      at = at.media.source();
    }
    return false;
  }
}
