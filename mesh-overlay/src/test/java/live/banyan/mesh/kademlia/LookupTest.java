package live.banyan.mesh.kademlia;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import live.banyan.mesh.wire.Endpoint;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class LookupTest {
  private static Contact contact(SplittableRandom random, int number) {
    byte[] address = ByteBuffer.allocate(4).putInt(0x1400_0000 + (number << 8)).array();
    return Contact.of(Point.any(random).hex(), Endpoint.of(address, 4433));
  }

  private static List<Contact> nearest(List<Contact> of, Point target, int count) {
    return of.stream()
        .sorted((a, b) -> target.compareDistance(a.position(), b.position()))
        .limit(count)
        .toList();
  }

  @Property(tries = 60)
  void endsAskingNobodyTwiceAndFindsTheNearest(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Contact> nodes = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      nodes.add(contact(random, i));
    }
    Point target = Point.any(random);
    Lookup lookup = new Lookup(target, contact(random, 999), nodes.subList(0, 8), List.of(), 4);
    Set<Contact> asked = new HashSet<>();
    Queue<Contact> open = new ArrayDeque<>(lookup.ask());
    Set<Contact> late = new HashSet<>();
    while (!open.isEmpty() || !late.isEmpty()) {
      Contact next = open.isEmpty() ? late.iterator().next() : open.remove();
      boolean waited = late.remove(next);
      assertTrue(waited || asked.add(next), "asked twice");
      if (!waited && random.nextInt(4) == 0) {
        lookup.late(next);
        late.add(next);
      } else {
        lookup.answered(next, nearest(nodes, target, 12));
      }
      open.addAll(lookup.ask());
    }
    assertTrue(lookup.done());
    assertEquals(nearest(nodes, target, 12), lookup.closest(12));
  }

  /** Every node names ever nearer ones, none of which exists. */
  @Property(tries = 30)
  void inventedNodesDoNotKeepItGoing(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int number = 100;
    List<Contact> seeds = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      seeds.add(contact(random, i));
    }
    Lookup lookup = new Lookup(Point.any(random), contact(random, 99), seeds, List.of(), 8);
    int asked = 0;
    for (List<Contact> now = lookup.ask(); !now.isEmpty(); now = lookup.ask()) {
      for (Contact contact : now) {
        asked++;
        if (random.nextBoolean()) {
          lookup.failed(contact);
          continue;
        }
        List<Contact> invented = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          invented.add(contact(random, number++));
        }
        lookup.answered(contact, invented);
      }
    }
    assertTrue(lookup.done());
    assertTrue(asked <= 8 * 20 + 72, asked + " questions");
  }
}
