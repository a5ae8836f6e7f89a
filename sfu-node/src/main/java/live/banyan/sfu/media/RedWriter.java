package live.banyan.sfu.media;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.packet.NetworkOrder;

/**
 * Makes redundant audio (RFC 2198) for viewers that take it: a packet's frame behind those of the
 * one or two packets before it. Made once per packet and kept in its slot for all viewers, and for
 * the repetitions that they ask for: what has left under a packet index must never change, though
 * older frames may come late or leave the cache. Stateless; on the shard's thread.
 */
final class RedWriter {
  static final int BLOCKS_MAX = 2;

  /** The second older frame is for speech; where frames are large it would double a high rate. */
  static final int SECOND_UP_TO = 600;

  /** Frames that are longer than this with what stands before them go plain. */
  static final int LENGTH_MAX = 1_200;

  private static final int BLOCK_MAX = 1023;
  private static final int TIMESTAMP_OFFSET_MAX = (1 << 14) - 1;
  private static final int BLOCK_HEADER = 4;

  private RedWriter() {}

  /**
   * Sees that a slot has its redundant form, under a viewer's name of the codec.
   *
   * @return false where it has no room for one: the packet then goes plain
   */
  static boolean prepare(PacketCache cache, int slot, int payloadType) {
    int blocks = cache.redBlocks(slot);
    if (blocks == PacketCache.RED_UNTRIED) {
      blocks = compose(cache, slot);
    }
    if (blocks < 0) {
      return false;
    }
    long at = cache.redOffset(slot);
    for (int i = 0; i < blocks; i++) {
      NetworkOrder.put8(cache.memory(), at, 0x80 | payloadType);
      at += BLOCK_HEADER;
    }
    NetworkOrder.put8(cache.memory(), at, payloadType);
    return true;
  }

  private static int compose(PacketCache cache, int slot) {
    int blocks = 0;
    int length = 1 + cache.payloadLength(slot);
    int room = Math.min(LENGTH_MAX, cache.redRoom(slot));
    while (blocks < BLOCKS_MAX) {
      int older = olderSlot(cache, slot, blocks + 1);
      int more = older < 0 ? 0 : BLOCK_HEADER + cache.payloadLength(older);
      if (older < 0 || length + more > (blocks == 0 ? room : Math.min(room, SECOND_UP_TO))) {
        break;
      }
      length += more;
      blocks++;
    }
    if (length > room) {
      blocks = PacketCache.RED_NONE;
    }
    cache.keepRed(slot, blocks, length);
    if (blocks >= 0) {
      write(cache, slot, blocks);
    }
    return blocks;
  }

  private static void write(PacketCache cache, int slot, int blocks) {
    MemorySegment memory = cache.memory();
    long header = cache.redOffset(slot);
    long data = header + (long) BLOCK_HEADER * blocks + 1;
    for (int back = blocks; back > 0; back--) {
      int older = cache.slotOf(cache.extendedSequence(slot) - back);
      int offset = cache.timestamp(slot) - cache.timestamp(older);
      int bytes = cache.payloadLength(older);
      NetworkOrder.put32(memory, header, offset << 10 | bytes);
      MemorySegment.copy(memory, cache.payloadOffset(older), memory, data, bytes);
      header += BLOCK_HEADER;
      data += bytes;
    }
    MemorySegment.copy(memory, cache.payloadOffset(slot), memory, data, cache.payloadLength(slot));
  }

  /** The slot of the packet so many before, where a block can name it; else -1. */
  private static int olderSlot(PacketCache cache, int slot, int back) {
    int older = cache.slotOf(cache.extendedSequence(slot) - back);
    if (older < 0) {
      return -1;
    }
    int offset = cache.timestamp(slot) - cache.timestamp(older);
    int bytes = cache.payloadLength(older);
    boolean fits = offset > 0 && offset <= TIMESTAMP_OFFSET_MAX && bytes > 0 && bytes <= BLOCK_MAX;
    return fits ? older : -1;
  }
}
