package live.banyan.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final double LITTLE = Placement.BUSY / 2;
  private static final double MUCH = Placement.BUSY * 2;

  private final double[] busy = new double[4];
  private final List<Integer> begun = new ArrayList<>();
  private boolean canBegin = true;
  private long nowNs = -7;

  private Placement placement(int working) {
    return new Placement(
        4,
        working,
        shard -> busy[shard],
        shard -> {
          begun.add(shard);
          return canBegin;
        },
        new Random(5));
  }

  @Test
  void oneShardTakesAllWhileItIsNotBusy() {
    Placement placement = placement(1);
    busy[0] = LITTLE;
    for (int i = 0; i < 100; i++) {
      assertEquals(0, placement.next(nowNs));
    }
    assertEquals(List.of(), begun);
  }

  @Test
  void anotherBeginsWhenAllThatWorkAreBusy() {
    Placement placement = placement(1);
    busy[0] = MUCH;
    assertEquals(1, placement.next(nowNs));
    assertEquals(1, placement.next(nowNs), "it has nothing to do yet");
    busy[1] = MUCH;
    assertEquals(2, placement.next(nowNs));
    busy[0] = LITTLE;
    assertEquals(0, placement.next(nowNs), "has room again");
    assertEquals(List.of(1, 2), begun);
  }

  @Test
  void aCrowdThatNoShareTellsOfYetIsSpread() {
    Placement placement = placement(1);
    int[] given = new int[4];
    for (int i = 0; i < 4_000; i++) {
      nowNs += 100_000;
      given[placement.next(nowNs)]++;
    }
    assertEquals(List.of(1, 2, 3), begun);
    for (int shard = 0; shard < 4; shard++) {
      assertEquals(1_000, given[shard], 100, "shard " + shard);
    }
  }

  @Test
  void whatWasPlacedLongAgoIsInTheShare() {
    Placement placement = placement(1);
    for (int i = 0; i < 1_000; i++) {
      nowNs += Placement.FRESH_NS / 150;
      assertEquals(0, placement.next(nowNs));
    }
    assertEquals(List.of(), begun);
  }

  @Test
  void whereAllAreBusyTheLessBusyGetMore() {
    Placement placement = placement(4);
    busy[0] = MUCH;
    busy[1] = MUCH;
    busy[2] = MUCH * 2;
    busy[3] = MUCH;
    int[] given = new int[4];
    for (int i = 0; i < 1_000; i++) {
      given[placement.next(nowNs)]++;
    }
    for (int shard : new int[] {0, 1, 3}) {
      assertTrue(given[shard] > 2 * given[2], () -> shard + ": " + given[shard]);
    }
    assertTrue(given[2] > 0);
  }

  @Test
  void aShardThatCannotBeginIsDoneWithout() {
    Placement placement = placement(1);
    busy[0] = MUCH;
    canBegin = false;
    assertEquals(0, placement.next(nowNs));
    assertEquals(0, placement.next(nowNs));
    assertEquals(List.of(1, 1), begun, "asked again each time");
  }
}
