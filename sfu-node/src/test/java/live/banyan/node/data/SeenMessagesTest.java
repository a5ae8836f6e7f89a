package live.banyan.node.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SeenMessagesTest {
  @Property
  void eachNumberIsNewOnce(@ForAll List<@IntRange(min = 0, max = 5_000) Integer> steps) {
    SeenMessages seen = new SeenMessages();
    Set<Long> before = new HashSet<>();
    long newest = -1;
    for (int step : steps) {
      long number = 1_800_000_000_000L << 20 | step;
      boolean tooLate = newest - number >= SeenMessages.WINDOW;
      assertEquals(!tooLate && before.add(number), seen.add(number));
      newest = Math.max(newest, number);
    }
  }

  @Test
  void anEarlierEpochIsOver() {
    SeenMessages seen = new SeenMessages();
    assertTrue(seen.add(2L << 20));
    assertFalse(seen.add((1L << 20) + 5));
    assertTrue(seen.add((2L << 20) + 1));
  }
}
