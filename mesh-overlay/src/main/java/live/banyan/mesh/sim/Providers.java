package live.banyan.mesh.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Who has said that it carries the stream, as a distributed hash table would tell: a sample of
 * records, each as old as its last refresh, those of the dead included until they expire.
 */
final class Providers {
  /** Records in one answer. */
  static final int SAMPLE = 64;

  private static final long REFRESH_NS = 20_000_000_000L;
  private static final long EXPIRY_NS = 60_000_000_000L;

  /** A record of somebody who is full is worth little: one in eight is kept in a sample. */
  private static final int TRIES = 4 * SAMPLE;

  private final Simulation world;
  private final SplittableRandom random;
  private final List<VirtualNode> listed = new ArrayList<>();

  Providers(Simulation world, SplittableRandom random) {
    this.world = world;
    this.random = random;
  }

  /** A node begins to carry the stream, or has news; records are stored at once and refreshed. */
  void publish(VirtualNode node) {
    ProviderRecord record = node.standing();
    if (record == null) {
      return;
    }
    node.published = record;
    if (node.listedAt < 0) {
      node.listedAt = listed.size();
      listed.add(node);
      refreshLater(node);
    }
  }

  private void refreshLater(VirtualNode node) {
    world.queue().after(REFRESH_NS, () -> refresh(node));
  }

  private void refresh(VirtualNode node) {
    if (node.listedAt < 0) {
      return;
    }
    ProviderRecord record = node.alive && !node.blackHole ? node.standing() : null;
    ProviderRecord told = node.published;
    if (record != null) {
      node.published = record;
    } else if (told == null || world.nowNs() - told.atNs() >= EXPIRY_NS) {
      unlist(node);
      return;
    }
    refreshLater(node);
  }

  private void unlist(VirtualNode node) {
    VirtualNode last = listed.removeLast();
    if (last != node) {
      listed.set(node.listedAt, last);
      last.listedAt = node.listedAt;
    }
    node.listedAt = -1;
    node.published = null;
  }

  /** Records that a lookup brings, mostly of those with room. */
  List<Sighting> sample(VirtualNode asker) {
    List<Sighting> found = new ArrayList<>(SAMPLE);
    for (int i = 0; i < TRIES && found.size() < SAMPLE && !listed.isEmpty(); i++) {
      VirtualNode node = listed.get(random.nextInt(listed.size()));
      ProviderRecord record = node.published;
      if (record == null || node == asker) {
        continue;
      }
      boolean useful = record.freeSlots() > 0 || random.nextInt(8) == 0;
      if (useful && found.stream().noneMatch(s -> s.node() == node)) {
        found.add(new Sighting(node, record));
      }
    }
    return found;
  }

  /** How long a lookup takes: three hops, each asked of three and gone on with the first answer. */
  long lookupNs(VirtualNode asker) {
    long total = 0;
    for (int hop = 0; hop < 3; hop++) {
      long best = Long.MAX_VALUE;
      for (int i = 0; i < 3; i++) {
        best = Math.min(best, world.network().oneWayNs(asker, world.anybody(random)));
      }
      total += 2 * best + world.network().jitterNs();
    }
    return total;
  }

  /** A record that a node has come to know of. */
  record Sighting(VirtualNode node, ProviderRecord record) {}
}
