package live.banyan.mesh.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks at the whole network once a virtual second, which no node can: the tree's shape, and
 * whether what must always hold does.
 */
final class Watch {
  private static final long SECOND_NS = 1_000_000_000L;

  /** A member that can be reached has the stream again within this, whatever happened. */
  private static final long DRY_NS_MAX = 3 * SECOND_NS;

  /** A circle of parents must have broken up by the next looks. */
  private static final int LOOP_LOOKS_MAX = 3;

  private static final int COMPLAINTS_MAX = 20;

  private final Simulation world;
  private final Map<String, Integer> loopLooks = new HashMap<>();
  private final List<String> complaints = new ArrayList<>();
  private final Map<String, Long> epochs = new HashMap<>();
  private int violations;
  private int members;
  private int flowing;
  private int depth;
  private int looks;
  private double nodeSeconds;
  private double uplinkShareMax;
  private double slotUse;

  Watch(Simulation world) {
    this.world = world;
  }

  int members() {
    return members;
  }

  int flowing() {
    return flowing;
  }

  int depth() {
    return depth;
  }

  double nodeSeconds() {
    return nodeSeconds;
  }

  double uplinkShareMax() {
    return uplinkShareMax;
  }

  /** Of the places in use at the last look. */
  double slotUse() {
    return slotUse;
  }

  int violations() {
    return violations;
  }

  List<String> complaints() {
    return complaints;
  }

  void look() {
    looks++;
    members = 0;
    flowing = 0;
    depth = 0;
    long usable = 0;
    long used = 0;
    Map<VirtualNode, Integer> depths = new HashMap<>(world.nodes().size() * 2);
    depths.put(world.ingest(), 0);
    for (VirtualNode node : world.nodes()) {
      if (!node.alive || node.blackHole) {
        continue;
      }
      members++;
      checkDegree(node);
      checkEpoch(node);
      checkFlow(node);
      if (node.media.flowing()) {
        flowing++;
        usable += node.capacity.usable();
        used += node.media.childrenCount();
      }
      depth = Math.max(depth, depthOf(node, depths));
    }
    nodeSeconds += members;
    slotUse = usable == 0 ? 0 : (double) used / usable;
    if (looks % 10 == 0) {
      world.bury();
    }
  }

  /** By parents; a circle counts as depth 0 and is noted. */
  private int depthOf(VirtualNode node, Map<VirtualNode, Integer> depths) {
    List<VirtualNode> chain = new ArrayList<>();
    VirtualNode at = node;
    Integer known = depths.get(at);
    while (known == null) {
      if (chain.contains(at)) {
        noteLoop(chain);
        chain.forEach(n -> depths.put(n, 0));
        return 0;
      }
      chain.add(at);
      String parent = at.tree.parentId();
      if (parent.isEmpty()) {
        known = -1;
        break;
      }
      at = world.node(parent);
      known = depths.get(at);
    }
    int result = known;
    for (VirtualNode each : chain.reversed()) {
      result = result < 0 && each.tree.parentId().isEmpty() ? 0 : result + 1;
      depths.put(each, result);
    }
    return result;
  }

  private void noteLoop(List<VirtualNode> chain) {
    String least = chain.stream().map(n -> n.id).min(String::compareTo).orElse("");
    int seen = loopLooks.merge(least, 1, Integer::sum);
    if (seen == LOOP_LOOKS_MAX) {
      violated("a circle of " + chain.size() + " nodes lasts, " + least + " among them");
    }
  }

  private void checkDegree(VirtualNode node) {
    int children = node.media.childrenCount();
    uplinkShareMax = Math.max(uplinkShareMax, children / node.capacity.uplink());
    if (children > node.capacity.slots()) {
      violated(node.id + " serves " + children + " of " + node.capacity.slots());
    }
  }

  private void checkEpoch(VirtualNode node) {
    long epoch = node.carriedEpoch();
    if (epoch >= 0) {
      Long before = epochs.put(node.id, epoch);
      if (before != null && before > epoch) {
        violated(node.id + " went back from epoch " + before + " to " + epoch);
      }
    }
  }

  private void checkFlow(VirtualNode node) {
    if (node.wants && !node.media.flowing()) {
      long sinceNs = Math.max(node.bornNs, node.media.changedNs());
      long dryNs = world.nowNs() - sinceNs;
      if (dryNs >= DRY_NS_MAX && dryNs < DRY_NS_MAX + SECOND_NS) {
        violated(node.id + " is dry for " + DRY_NS_MAX / SECOND_NS + " s, " + node.tree.state());
      }
    }
  }

  private void violated(String what) {
    violations++;
    if (complaints.size() < COMPLAINTS_MAX) {
      complaints.add("at " + world.nowNs() / SECOND_NS + " s: " + what);
    }
  }
}
