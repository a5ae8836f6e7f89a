package live.banyan.sfu.media;

/**
 * Native memory that the caches of a shard's pictures may grow by, beyond what each begins with: a
 * cache that overwrites packets younger than two seconds gets twice its slots, for as long as there
 * is room. Most streams never need it. Not thread safe.
 */
public final class CacheRoom {
  /** A packet can be asked for again for this long. */
  static final long KEPT_NS = 2_000_000_000L;

  /** What is left out for a viewer is remembered for as many packets. */
  static final int SLOTS_MAX = LeftOut.REACH;

  private long freeBytes;
  private long shortfalls;

  /**
   * Room for a shard.
   *
   * @param bytes of native memory, 0 or more
   */
  public CacheRoom(long bytes) {
    freeBytes = bytes;
  }

  /** Packets that were overwritten within two seconds for want of room. */
  public long shortfalls() {
    return shortfalls;
  }

  /** Whether a cache may double now; takes the room. */
  boolean takes(PacketCache cache) {
    long bytes = bytes(cache.slots());
    if (cache.slots() * 2 > SLOTS_MAX || bytes > freeBytes) {
      shortfalls++;
      return false;
    }
    freeBytes -= bytes;
    return true;
  }

  /** A cache that began with so many slots is gone. */
  void giveBack(PacketCache cache, int slotsAtFirst) {
    freeBytes += bytes(cache.slots() - slotsAtFirst);
  }

  private static long bytes(int slots) {
    return (long) slots * PacketCache.SLOT_BYTES;
  }
}
