package live.banyan.sfu.shard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class AddressTableTest {
  private static final Transport ONE = new Transport(1, false, 1, 0);
  private static final Transport TWO = new Transport(2, false, 2, 0);

  /** Puts and removals in any order leave what a plain map would hold. */
  @Property
  void holdsWhatAMapWouldHold(
      @ForAll @Size(max = 400) List<@IntRange(min = -60, max = 60) Integer> steps) {
    AddressTable table = new AddressTable();
    Map<Integer, Transport> model = new HashMap<>();
    for (int step : steps) {
      int key = Math.abs(step);
      Transport transport = key % 3 == 0 ? TWO : ONE;
      if (step >= 0) {
        assertSame(model.put(key, transport), table.put(key % 2, key, key * 7, transport));
      } else {
        table.remove(key % 2, key, key * 7, transport);
        model.remove(key);
      }
      assertEquals(model.size(), table.size());
    }
    for (int key = 0; key <= 60; key++) {
      assertSame(model.get(key), table.get(key % 2, key, key * 7));
      assertNull(table.get(key % 2, key, key * 7 + 1));
    }
  }

  @Property
  void ssrcsAreFoundUntilRemoved(
      @ForAll @Size(max = 300) List<@IntRange(min = -40, max = 40) Integer> steps) {
    SsrcTable<Integer> table = new SsrcTable<>(30);
    Map<Integer, Integer> model = new HashMap<>();
    for (int step : steps) {
      int key = Math.abs(step);
      if (step >= 0) {
        boolean expected = key != 0 && model.size() < 30 && !model.containsKey(key);
        assertEquals(expected, table.put(key, step));
        if (expected) {
          model.put(key, step);
        }
      } else {
        table.remove(key);
        model.remove(key);
      }
      assertEquals(model.size(), table.size());
    }
    for (int key = 0; key <= 40; key++) {
      assertEquals(model.get(key), table.get(key));
    }
  }
}
