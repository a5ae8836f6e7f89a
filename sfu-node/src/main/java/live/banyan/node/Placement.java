package live.banyan.node;

import java.util.function.IntPredicate;
import java.util.function.IntToDoubleFunction;
import java.util.random.RandomGenerator;

/**
 * Which shard the next transport is put on. One shard takes all until it is busy, then another one
 * begins: together, many viewers' packets are received and sent with fewer wake-ups and system
 * calls, and nothing goes from shard to shard. Safe from any thread.
 */
final class Placement {
  /**
   * A shard that has more of a processor than this gets no more while another has less. At 30
   * frames a second the last viewer of a frame then waits for all others' packets for 10 ms.
   */
  static final double BUSY = 0.3;

  /** What a transport is thought to take until its shard's share tells: a viewer of 2 Mbit/s. */
  static final double FRESH = 0.0005;

  /**
   * Twice so long, three seconds, until a share tells of all: {@link Busyness} is of whole ones.
   */
  static final long FRESH_NS = 3 * Busyness.WINDOW_NS / 2;

  private final int shards;
  private final IntToDoubleFunction busyShare;
  private final IntPredicate begin;
  private final RandomGenerator random;
  private int begun; // guarded by this

  // Placed in the present stretch of time, and in the one before; guarded by this.
  private final int[] placed;
  private final int[] placedBefore;
  private long stretchNs = Long.MIN_VALUE; // guarded by this

  /**
   * Nothing is placed yet.
   *
   * @param begun shards that work already, at least 1
   * @param busyShare of a shard, 0 to 1
   * @param begin has a shard begin; false where it cannot
   */
  Placement(
      int shards,
      int begun,
      IntToDoubleFunction busyShare,
      IntPredicate begin,
      RandomGenerator random) {
    this.shards = shards;
    this.begun = begun;
    this.busyShare = busyShare;
    this.begin = begin;
    this.random = random;
    placed = new int[shards];
    placedBefore = new int[shards];
  }

  /** The shard for the next transport. */
  synchronized int next(long nowNs) {
    age(nowNs);
    int shard = choose();
    placed[shard]++;
    return shard;
  }

  private void age(long nowNs) {
    if (stretchNs == Long.MIN_VALUE) {
      stretchNs = nowNs;
    }
    long elapsedNs = nowNs - stretchNs;
    if (elapsedNs >= FRESH_NS) {
      for (int i = 0; i < shards; i++) {
        placedBefore[i] = elapsedNs < 2 * FRESH_NS ? placed[i] : 0;
        placed[i] = 0;
      }
      stretchNs = nowNs;
    }
  }

  private int choose() {
    if (begun == shards) {
      return lessBusyOfTwo();
    }
    for (int i = 0; i < begun; i++) {
      if (expected(i) < BUSY) {
        return i;
      }
    }
    if (begin.test(begun)) {
      return begun++;
    }
    return lessBusyOfTwo();
  }

  /** Shares are seconds old: were they all that counts, a crowd would go to one shard. */
  private double expected(int shard) {
    return busyShare.applyAsDouble(shard) + FRESH * (placed[shard] + placedBefore[shard]);
  }

  private int lessBusyOfTwo() {
    int one = random.nextInt(begun);
    int other = random.nextInt(begun);
    return expected(other) < expected(one) ? other : one;
  }
}
