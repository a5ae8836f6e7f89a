package live.banyan.sfu.shard;

import java.util.concurrent.atomic.AtomicLongArray;
import live.banyan.sfu.packet.DropReason;

/**
 * What one shard has counted. Written by the shard's thread alone, readable from any: a reader may
 * see values a moment old, never torn ones.
 */
public final class ShardCounters {
  private final AtomicLongArray counters = new AtomicLongArray(ShardCounter.values().length);
  private final AtomicLongArray drops = new AtomicLongArray(DropReason.values().length);

  /** The value of a counter. */
  public long get(ShardCounter counter) {
    return counters.getOpaque(counter.ordinal());
  }

  /** Datagrams, or parts of them, that were dropped for a reason. */
  public long get(DropReason reason) {
    return drops.getOpaque(reason.ordinal());
  }

  void add(ShardCounter counter, long amount) {
    int at = counter.ordinal();
    counters.setOpaque(at, counters.getPlain(at) + amount);
  }

  void set(ShardCounter counter, long value) {
    counters.setOpaque(counter.ordinal(), value);
  }

  /** Counts a command that a bound refused. True, as for all that named what is there. */
  boolean refused() {
    add(ShardCounter.COMMANDS_REFUSED, 1);
    return true;
  }

  void drop(DropReason reason) {
    int at = reason.ordinal();
    drops.setOpaque(at, drops.getPlain(at) + 1);
  }
}
