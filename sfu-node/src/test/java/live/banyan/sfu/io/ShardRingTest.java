package live.banyan.sfu.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShardRingTest {
  private static final int CAPACITY = 1 << 14;
  private final MemorySegment data = Arena.ofAuto().allocate(2_048, 8);

  private boolean offer(ShardRing ring, int number, int length) {
    for (int i = 0; i < length; i++) {
      data.set(ValueLayout.JAVA_BYTE, 100 + i, (byte) (number + i));
    }
    return ring.offer(number & 7, number, -number, 3 * number, data, 100, length);
  }

  private static ShardRing.Reader expecting(int[] next, int[] lengths) {
    return (kind, first, second, third, memory, offset, length) -> {
      int number = next[0]++;
      assertEquals(number & 7, kind);
      assertEquals(number, first);
      assertEquals(-number, second);
      assertEquals(3 * number, third);
      assertEquals(lengths[number], length);
      for (int i = 0; i < length; i++) {
        assertEquals((byte) (number + i), memory.get(ValueLayout.JAVA_BYTE, offset + i));
      }
    };
  }

  @Test
  void recordsComeOutAsTheyWentInHoweverTheyWrap() {
    ShardRing ring = new ShardRing(CAPACITY);
    Random random = new Random(3);
    int count = 5_000;
    int[] lengths = random.ints(count, 0, 1_900).toArray();
    int[] next = {0};
    for (int written = 0; written < count; ) {
      if (random.nextInt(3) > 0 && offer(ring, written, lengths[written])) {
        written++;
      } else {
        ring.drain(expecting(next, lengths), random.nextInt(1, 5));
      }
    }
    while (!ring.isEmpty()) {
      ring.drain(expecting(next, lengths), 10);
    }
    assertEquals(count, next[0]);
  }

  @Test
  void aFullRingRefusesAndLosesNothingOfWhatItHas() {
    ShardRing ring = new ShardRing(CAPACITY);
    int held = 0;
    while (offer(ring, held, 1_000)) {
      held++;
    }
    assertEquals(CAPACITY / 1_032, held);
    assertFalse(offer(ring, held, 1_000));
    List<Long> seen = new ArrayList<>();
    ring.drain((kind, first, second, third, m, o, l) -> seen.add(first), Integer.MAX_VALUE);
    assertEquals(held, seen.size());
    assertTrue(offer(ring, held, 1_000), "there is room again");
  }

  @Test
  void twoThreadsNeedNoLock() throws InterruptedException {
    ShardRing ring = new ShardRing(CAPACITY);
    int count = 200_000;
    int[] lengths = new int[count];
    Thread writer =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (int i = 0; i < count; ) {
                    lengths[i] = i % 37;
                    if (offer(ring, i, i % 37)) {
                      i++;
                    } else {
                      Thread.onSpinWait();
                    }
                  }
                });
    int[] next = {0};
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (next[0] < count && System.nanoTime() - deadline < 0) {
      ring.drain(expecting(next, lengths), 100);
    }
    assertEquals(count, next[0]);
    writer.join();
  }

  @Test
  void sizesThatCannotWorkAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new ShardRing(CAPACITY + 1));
    assertThrows(IllegalArgumentException.class, () -> new ShardRing(CAPACITY / 2));
  }
}
