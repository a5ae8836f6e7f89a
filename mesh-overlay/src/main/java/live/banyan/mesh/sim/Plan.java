package live.banyan.mesh.sim;

import java.util.List;
import java.util.SplittableRandom;

/** When who comes and goes, and what breaks. */
final class Plan {
  private static final double SECOND_NS = 1e9;

  /** Half of all stay no longer than five minutes. */
  private static final double STAY_MEDIAN_S = 300;

  private static final double CROWD_S = 60;

  /** From the loss of its node until a publisher sends to another. */
  private static final double RECONNECT_S = 1;

  private final Simulation world;
  private final SplittableRandom random;
  private boolean churning;

  Plan(Simulation world, SplittableRandom random) {
    this.world = world;
    this.random = random;
  }

  void schedule(SimSettings settings) {
    world.publish();
    double total = settings.seconds();
    double filledS =
        settings.scenario() == Scenario.FLASH_CROWD
            ? Math.min(CROWD_S, total - 15)
            : Math.min(60, total / 3);
    for (int i = 1; i < settings.nodes(); i++) {
      at(0.5 + random.nextDouble() * filledS, this::arrival);
    }
    double quietS = filledS + (total - filledS) / 3;
    double endS = total - Math.min(10, total / 10);
    switch (settings.scenario()) {
      case STEADY -> at(filledS, this::startChurn);
      case KILL_PARENT -> {
        int kills = Math.max(10, settings.nodes() / 100);
        for (int i = 0; i < kills; i++) {
          boolean blackHole = i % 2 == 1;
          at(quietS + (endS - quietS) * i / kills, () -> killParent(blackHole));
        }
      }
      case KILL_10_PERCENT -> at(quietS, () -> killShare(0.1));
      case FLASH_CROWD -> {}
      case ROOT_FAILOVER -> at(quietS, this::killIngest);
    }
  }

  private void at(double seconds, Runnable what) {
    world.queue().after((long) (seconds * SECOND_NS) - world.nowNs(), what);
  }

  private void arrival() {
    VirtualNode node = world.born();
    node.want();
    if (churning) {
      stay(node);
    }
  }

  private void startChurn() {
    churning = true;
    for (VirtualNode node : List.copyOf(world.nodes())) {
      if (node != world.ingest()) {
        stay(node);
      }
    }
  }

  private void stay(VirtualNode node) {
    double staysS = -Math.log(1 - random.nextDouble()) * STAY_MEDIAN_S / Math.log(2);
    world
        .queue()
        .after(
            (long) (staysS * SECOND_NS),
            () -> {
              if (node.alive) {
                if (random.nextBoolean()) {
                  node.leave();
                } else {
                  node.vanish(false);
                }
                arrival();
              }
            });
  }

  private void killParent(boolean blackHole) {
    List<VirtualNode> nodes = world.nodes();
    for (int i = 0; i < 1_000; i++) {
      VirtualNode node = nodes.get(random.nextInt(nodes.size()));
      boolean parent = node.alive && !node.blackHole && node.media.childrenCount() > 0;
      if (parent && node != world.ingest()) {
        node.vanish(blackHole);
        node.wants = false;
        return;
      }
    }
  }

  private void killIngest() {
    world.ingest().vanish(false);
    world.queue().after((long) (RECONNECT_S * SECOND_NS), world::publish);
  }

  private void killShare(double share) {
    for (VirtualNode node : List.copyOf(world.nodes())) {
      if (node.alive && node != world.ingest() && random.nextDouble() < share) {
        node.vanish(false);
      }
    }
  }
}
