package live.banyan.mesh.kademlia;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * The nodes that have answered this one, by how near they stand: at most {@link #BUCKET} of each
 * distance, two of them from one network, and eight of one network in all. A node that answers
 * stays; a newcomer waits until one that is asked does not.
 */
final class RoutingTable {
  static final int BUCKET = 16;

  private static final int BITS = 128;
  private static final int PER_NETWORK_AND_BUCKET = 2;
  private static final int PER_NETWORK = 8;

  private static final class Entry {
    final Contact contact;
    long heardNs;

    Entry(Contact contact, long heardNs) {
      this.contact = contact;
      this.heardNs = heardNs;
    }
  }

  private final Point self;
  private final List<List<Entry>> buckets = new ArrayList<>();
  private final Map<Long, Integer> byNetwork = new HashMap<>();
  private int size;

  RoutingTable(Point self) {
    this.self = self;
    for (int i = 0; i <= BITS; i++) {
      buckets.add(new ArrayList<>(0));
    }
  }

  Point self() {
    return self;
  }

  int size() {
    return size;
  }

  /** A node has answered. @return whether it is in the table now */
  boolean answered(Contact contact, long nowNs) {
    List<Entry> bucket = bucket(contact);
    for (Entry entry : bucket) {
      if (entry.contact.equals(contact)) {
        entry.heardNs = nowNs;
        return true;
      }
    }
    if (!hasRoom(contact)) {
      return false;
    }
    bucket.add(new Entry(contact, nowNs));
    byNetwork.merge(contact.endpoint().network(), 1, Integer::sum);
    size++;
    return true;
  }

  /** Whether the node would be taken if it answered. */
  boolean hasRoom(Contact contact) {
    List<Entry> bucket = bucket(contact);
    if (bucket.size() >= BUCKET
        || contact.position().equals(self)
        || bucket.stream().anyMatch(e -> same(e.contact, contact))) {
      return false;
    }
    if (!contact.endpoint().isPublic()) {
      return true;
    }
    // A network has one hash, so its nodes stand in one bucket, or next to this node.
    return byNetwork.getOrDefault(contact.endpoint().network(), 0) < PER_NETWORK
        && bucket.stream().filter(e -> sameNetwork(e, contact)).count() < PER_NETWORK_AND_BUCKET;
  }

  private static boolean same(Contact a, Contact b) {
    return a.nodeId().equals(b.nodeId()) || a.endpoint().equals(b.endpoint());
  }

  private static boolean sameNetwork(Entry entry, Contact contact) {
    return entry.contact.endpoint().network() == contact.endpoint().network();
  }

  /** The one of a full bucket to be asked whether it is still there, where it was long silent. */
  Optional<Contact> oldest(Contact newcomer, long heardBeforeNs) {
    return bucket(newcomer).stream()
        .min((a, b) -> Long.compare(a.heardNs, b.heardNs))
        .filter(e -> e.heardNs < heardBeforeNs)
        .map(e -> e.contact);
  }

  /** The one of all that has been silent longest, since before a time. */
  Optional<Contact> silent(long heardBeforeNs) {
    return buckets.stream()
        .flatMap(List::stream)
        .filter(e -> e.heardNs < heardBeforeNs)
        .min((a, b) -> Long.compare(a.heardNs, b.heardNs))
        .map(e -> e.contact);
  }

  /** A node has not answered. */
  void failed(Contact contact) {
    if (bucket(contact).removeIf(e -> e.contact.equals(contact))) {
      byNetwork.computeIfPresent(
          contact.endpoint().network(), (network, count) -> count == 1 ? null : count - 1);
      size--;
    }
  }

  /** The nearest to a target, nearest first. */
  List<Contact> closest(Point target, int count) {
    // What shares as many bits with this node as the target does is nearest to the target; all that
    // stands nearer to this node shares fewer with it, and the rest ever fewer.
    int shared = self.sharedBits(target);
    List<Contact> nearest = new ArrayList<>();
    append(nearest, target, shared, shared);
    if (nearest.size() < count) {
      append(nearest, target, shared + 1, BITS);
    }
    for (int i = shared - 1; i >= 0 && nearest.size() < count; i--) {
      append(nearest, target, i, i);
    }
    return List.copyOf(nearest.subList(0, Math.min(count, nearest.size())));
  }

  /** Some from anywhere, in the order of chance. */
  List<Contact> any(int count, RandomGenerator random) {
    List<Contact> all = new ArrayList<>(size);
    buckets.forEach(bucket -> bucket.forEach(entry -> all.add(entry.contact)));
    int some = Math.min(count, all.size());
    for (int i = 0; i < some; i++) {
      Collections.swap(all, i, i + random.nextInt(all.size() - i));
    }
    return List.copyOf(all.subList(0, some));
  }

  private void append(List<Contact> out, Point target, int from, int to) {
    int sorted = out.size();
    for (int i = from; i <= to; i++) {
      for (Entry entry : buckets.get(i)) {
        out.add(entry.contact);
      }
    }
    out.subList(sorted, out.size())
        .sort((a, b) -> target.compareDistance(a.position(), b.position()));
  }

  private List<Entry> bucket(Contact contact) {
    return buckets.get(self.sharedBits(contact.position()));
  }
}
