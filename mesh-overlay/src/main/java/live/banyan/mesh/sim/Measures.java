package live.banyan.mesh.sim;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import live.banyan.mesh.tree.TreeAction.Count;

/** What is counted while the network runs, and what comes of it. */
final class Measures {
  private static final double MS = 1e6;
  private static final long FORWARD_NS = 2_000_000L;

  private final Simulation world;
  private final Samples joins = new Samples();
  private final Samples interruptions = new Samples();
  private final Set<VirtualNode> misled = new HashSet<>();
  private int joinsRefused;
  private int falseSwitches;
  private int switches;
  private int rejoins;

  Measures(Simulation world) {
    this.world = world;
  }

  void joinRefused() {
    joinsRefused++;
  }

  /** The media of a node begins, ends, or goes on after an interruption. */
  void flowChanged(VirtualNode node, boolean flows, long sinceNs) {
    if (!flows || !node.wants) {
      return;
    }
    if (node.firstMediaNs < 0) {
      node.firstMediaNs = world.nowNs();
      joins.add((world.nowNs() - node.bornNs) / MS);
    } else {
      interruptions.add((world.nowNs() - sinceNs) / MS);
    }
  }

  /** A node's machine is told that a parent is silent. */
  void silent(VirtualNode node, VirtualNode parent) {
    if (parent.alive && !parent.blackHole && parent.media.flowing()) {
      misled.add(node);
    } else {
      misled.remove(node);
    }
  }

  void counted(VirtualNode node, Count what) {
    if (what == Count.FAILOVER || what == Count.SWITCH) {
      if (what == Count.SWITCH) {
        switches++;
      } else {
        rejoins++;
      }
      if (misled.remove(node)) {
        falseSwitches++;
      }
    }
  }

  SimResult result(SimSettings settings, Watch watch) {
    Samples stretch = new Samples();
    Map<VirtualNode, Long> delays = new HashMap<>();
    int children = 0;
    int parents = 0;
    for (VirtualNode node : world.nodes()) {
      if (!node.alive || !node.media.flowing()) {
        continue;
      }
      int count = node.media.childrenCount();
      children += count;
      parents += count > 0 ? 1 : 0;
      if (node != world.ingest()) {
        double direct = world.network().oneWayNs(node, world.ingest());
        stretch.add(rootDelayNs(node, delays) / direct);
      }
    }
    double degree = parents == 0 ? 2 : Math.max(1.01, (double) children / parents);
    int bound = (int) Math.ceil(Math.log(Math.max(2, watch.members())) / Math.log(degree));
    int failovers = switches + rejoins;
    return new SimResult(
        settings,
        joins.quantile(0.5),
        joins.quantile(0.99),
        interruptions.quantile(0.5),
        interruptions.quantile(0.99),
        falseSwitches / (watch.nodeSeconds() / 3600),
        failovers == 0 ? 0 : (double) rejoins / failovers,
        watch.depth(),
        bound,
        stretch.quantile(0.5),
        stretch.quantile(0.9),
        world.network().sent() / watch.nodeSeconds(),
        watch.uplinkShareMax(),
        watch.slotUse(),
        watch.violations(),
        joins.size(),
        joinsRefused,
        interruptions.size(),
        interruptions.max(),
        watch.complaints());
  }

  private long rootDelayNs(VirtualNode node, Map<VirtualNode, Long> delays) {
    Long known = delays.get(node);
    if (known != null) {
      return known;
    }
    VirtualNode parent = node.media.source();
    long delay =
        parent == null
            ? 0
            : rootDelayNs(parent, delays) + world.network().oneWayNs(parent, node) + FORWARD_NS;
    delays.put(node, delay);
    return delay;
  }
}
