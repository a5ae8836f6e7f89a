package live.banyan.mesh.kademlia;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import live.banyan.mesh.wire.Endpoint;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class RoutingTableTest {
  private static Contact contact(SplittableRandom random, int a, int b) {
    byte[] address = {(byte) a, (byte) b, 7, (byte) (1 + random.nextInt(200))};
    int port = 1 + random.nextInt(65_535);
    return Contact.of(Point.any(random).hex(), Endpoint.of(address, port));
  }

  @Property(tries = 50)
  void theNearestAreThoseThatSortingFinds(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RoutingTable table = new RoutingTable(Point.any(random));
    List<Contact> inside = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      Contact contact = contact(random, 20 + random.nextInt(10), random.nextInt(256));
      if (table.answered(contact, i)) {
        inside.add(contact);
      }
    }
    assertEquals(inside.size(), table.size());
    Point target = random.nextBoolean() ? Point.any(random) : inside.getFirst().position();
    inside.sort((a, b) -> target.compareDistance(a.position(), b.position()));
    assertEquals(inside.subList(0, 20), table.closest(target, 20));
    assertEquals(inside, table.closest(target, 1_000));
  }

  @Property(tries = 50)
  void noNetworkTakesMoreThanItsShare(@ForAll long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    RoutingTable table = new RoutingTable(Point.any(random));
    int taken = 0;
    for (int i = 0; i < 100; i++) {
      taken += table.answered(contact(random, 20, 1), i) ? 1 : 0;
    }
    assertTrue(taken >= 1 && taken <= 8, taken + " of one network");
    for (int i = 0; i < 2_000; i++) {
      table.answered(contact(random, 20 + random.nextInt(20), random.nextInt(256)), i);
    }
    Point self = table.self();
    for (int bits = 0; bits < 8; bits++) {
      int shared = bits;
      long there =
          table.closest(self, 10_000).stream()
              .filter(c -> self.sharedBits(c.position()) == shared)
              .count();
      assertTrue(there <= RoutingTable.BUCKET, there + " share " + bits + " bits");
    }
  }

  @Test
  void whoDoesNotAnswerLeavesItsPlace() {
    SplittableRandom random = new SplittableRandom(1);
    RoutingTable table = new RoutingTable(Point.any(random));
    Contact contact = contact(random, 20, 1);
    assertTrue(table.answered(contact, 0));
    assertFalse(table.hasRoom(contact));
    table.failed(contact);
    assertEquals(0, table.size());
    assertTrue(table.hasRoom(contact));
  }
}
