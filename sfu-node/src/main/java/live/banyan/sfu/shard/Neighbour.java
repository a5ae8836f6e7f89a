package live.banyan.sfu.shard;

import java.lang.foreign.MemorySegment;

/**
 * The way to another shard of the node. Records lie in a bounded ring until that shard's thread
 * comes by and hands them to {@link Shard#onNeighbour}.
 */
@FunctionalInterface
public interface Neighbour {
  /** Leaves a record. @return false when there is no room; nothing waits */
  boolean offer(
      int kind, long first, long second, int third, MemorySegment data, long offset, int length);
}
