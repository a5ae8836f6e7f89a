package live.banyan.mesh.sim;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import live.banyan.mesh.tree.TreeEvent;
import org.jspecify.annotations.Nullable;

/**
 * One run: a stream, its publisher, and everybody who watches. Not thread safe; chance comes from
 * sources that are forked from the seed, one per concern, so that a change in one moves nothing in
 * another.
 */
public final class Simulation {
  static final String STREAM = "sim/stream";

  private static final long SECOND_NS = 1_000_000_000L;
  private static final int ROOT_SLOTS = 32;

  private final SimSettings settings;
  private final EventQueue queue = new EventQueue();
  private final SplittableRandom births;
  private final SplittableRandom machines;
  private final VirtualNetwork network;
  private final Providers providers;
  private final Measures measures;
  private final Watch watch;
  private final List<VirtualNode> nodes = new ArrayList<>();
  private final Map<String, VirtualNode> byId = new HashMap<>();
  private final Consumer<String> progress;
  private @Nullable VirtualNode ingest;
  private long epoch;
  private int places;
  private int demand;

  private Simulation(SimSettings settings, Consumer<String> progress) {
    SplittableRandom seeds = new SplittableRandom(settings.seed());
    this.settings = settings;
    this.progress = progress;
    this.births = seeds.split();
    this.machines = seeds.split();
    this.network = new VirtualNetwork(queue, seeds.split(), Conditions.FAIR);
    this.providers = new Providers(this, seeds.split());
    this.measures = new Measures(this);
    this.watch = new Watch(this);
    new Plan(this, seeds.split()).schedule(settings);
  }

  /**
   * Runs to the end.
   *
   * @param progress gets a line now and then; how often says nothing of the result
   */
  public static SimResult run(SimSettings settings, Consumer<String> progress) {
    return new Simulation(settings, progress).run();
  }

  private SimResult run() {
    for (int second = 1; second <= settings.seconds(); second++) {
      queue.runUntil(second * SECOND_NS);
      watch.look();
      if (second % 10 == 0) {
        progress.accept(
            "%d s: %d nodes, %d flowing, depth %d, %.1f million events"
                .formatted(
                    second, watch.members(), watch.flowing(), watch.depth(), queue.done() / 1e6));
      }
    }
    return measures.result(settings, watch);
  }

  // --- what the parts share
  // -----------------------------------------------------------------------

  EventQueue queue() {
    return queue;
  }

  long nowNs() {
    return queue.nowNs();
  }

  VirtualNetwork network() {
    return network;
  }

  Providers providers() {
    return providers;
  }

  Measures measures() {
    return measures;
  }

  /** The machines' chance. */
  SplittableRandom random() {
    return machines;
  }

  List<VirtualNode> nodes() {
    return nodes;
  }

  VirtualNode node(String id) {
    VirtualNode node = byId.get(id);
    if (node == null) {
      throw new IllegalStateException("no node " + id);
    }
    return node;
  }

  VirtualNode anybody(SplittableRandom random) {
    return nodes.get(random.nextInt(nodes.size()));
  }

  long epoch() {
    return epoch;
  }

  VirtualNode ingest() {
    VirtualNode now = ingest;
    if (now == null) {
      throw new IllegalStateException("nobody publishes");
    }
    return now;
  }

  // --- who there is
  // -------------------------------------------------------------------------------

  /** A node of its own place and uplink, which wants nothing yet. */
  VirtualNode born() {
    return born(Capacity.keepingStep(places, demand++, births));
  }

  /** A node is no more, or as good as that. */
  void gone(VirtualNode node) {
    places -= node.capacity.usable();
    demand--;
  }

  private VirtualNode born(Capacity capacity) {
    double[] position = {
      births.nextDouble() * VirtualNetwork.SIDE_MS,
      births.nextDouble() * VirtualNetwork.SIDE_MS,
      VirtualNetwork.ACCESS_MIN_MS
          + births.nextDouble() * (VirtualNetwork.ACCESS_MAX_MS - VirtualNetwork.ACCESS_MIN_MS)
    };
    HexFormat hex = HexFormat.of();
    String id = hex.toHexDigits(births.nextLong()) + hex.toHexDigits(births.nextLong());
    VirtualNode node = new VirtualNode(this, id, position, capacity);
    places += capacity.usable();
    nodes.add(node);
    byId.put(id, node);
    return node;
  }

  /** The publisher comes to a node with a fast line. */
  void publish() {
    VirtualNode node = born(Capacity.of(ROOT_SLOTS, births));
    epoch++;
    ingest = node;
    node.step(new TreeEvent.StreamSeen(epoch, node.id, true));
    node.root(epoch);
  }

  /** The dead are forgotten where nobody can meet them any more. */
  void bury() {
    nodes.removeIf(node -> !node.alive && node.listedAt < 0);
  }
}
