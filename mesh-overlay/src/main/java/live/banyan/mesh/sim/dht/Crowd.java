package live.banyan.mesh.sim.dht;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import live.banyan.mesh.kademlia.Contact;
import live.banyan.mesh.kademlia.Point;
import live.banyan.mesh.wire.Endpoint;

/** Where nodes stand: honest ones anywhere, liars as near to the target as they could get. */
final class Crowd {
  /** Keys drawn for the id behind the network's part: it costs half a second each. */
  private static final int KEYS_TRIED = 64;

  private static final int INVENTED = 20_000;
  private static final int NAMED_AROUND = 24;

  private final Point target;
  private final int networks;
  private final SplittableRandom random;
  private final List<Contact> liars = new ArrayList<>();
  private final List<Contact> invented = new ArrayList<>();

  Crowd(Point target, int networks, SplittableRandom random) {
    this.target = target;
    this.networks = networks;
    this.random = random;
  }

  Contact anywhere() {
    return Contact.of(id(), address());
  }

  Contact ground() {
    Contact best = anywhere();
    for (int i = 1; i < networks; i++) {
      best = nearer(best, anywhere());
    }
    for (int i = 1; i < KEYS_TRIED; i++) {
      best = nearer(best, Contact.of(id(), best.endpoint()));
    }
    return best;
  }

  void enlist(Contact liar) {
    liars.add(liar);
  }

  /** Everybody is there; liars know each other. */
  void assemble() {
    for (int i = 0; i < INVENTED; i++) {
      invented.add(anywhere());
    }
    liars.sort(Crowd::order);
    invented.sort(Crowd::order);
  }

  /** What a liar names: others like it, and nodes that do not exist. */
  List<Contact> named(Point wanted) {
    List<Contact> named = new ArrayList<>(nearest(liars, wanted));
    named.addAll(nearest(invented, wanted));
    return named;
  }

  private static List<Contact> nearest(List<Contact> sorted, Point wanted) {
    int low = 0;
    int high = sorted.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (Long.compareUnsigned(sorted.get(middle).position().high(), wanted.high()) < 0) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return sorted
        .subList(Math.max(0, low - NAMED_AROUND), Math.min(sorted.size(), low + NAMED_AROUND))
        .stream()
        .sorted((a, b) -> wanted.compareDistance(a.position(), b.position()))
        .limit(8)
        .toList();
  }

  private Contact nearer(Contact a, Contact b) {
    return target.compareDistance(a.position(), b.position()) <= 0 ? a : b;
  }

  private static int order(Contact a, Contact b) {
    return Long.compareUnsigned(a.position().high(), b.position().high());
  }

  private String id() {
    byte[] id = new byte[Point.BYTES];
    random.nextBytes(id);
    return HexFormat.of().formatHex(id);
  }

  private Endpoint address() {
    byte[] address = new byte[4];
    Endpoint endpoint;
    do {
      random.nextBytes(address);
      endpoint = Endpoint.of(address, 4433);
    } while (!endpoint.isPublic());
    return endpoint;
  }
}
