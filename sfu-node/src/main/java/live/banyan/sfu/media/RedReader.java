package live.banyan.sfu.media;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import live.banyan.sfu.codec.RedPayload;
import live.banyan.sfu.rtp.RtpHeader;
import org.jspecify.annotations.Nullable;

/**
 * Takes a publisher's redundant audio (RFC 2198) apart: the newest frame goes on as the plain
 * packet that it is, and older ones stand in for packets that were lost. The caches hold plain
 * audio only, so that every subscriber can be served from them, whether it takes RED or not. One
 * instance per shard; not thread safe.
 */
public final class RedReader implements RedPayload.Visitor {
  /** Largest block that the ten bits of its length can name. */
  private static final int BLOCK_MAX = 1023;

  private final IncomingPacket older = new IncomingPacket();
  private final MemorySegment scratch = Arena.ofAuto().allocate(RtpHeader.FIXED_LENGTH + BLOCK_MAX);
  private final int[] payloadTypes = new int[RedPayload.MAX_BLOCKS + 1];
  private final int[] timestampOffsets = new int[RedPayload.MAX_BLOCKS + 1];
  private final long[] offsets = new long[RedPayload.MAX_BLOCKS + 1];
  private final int[] lengths = new int[RedPayload.MAX_BLOCKS + 1];
  private int blocks;
  private int payloadType;
  private @Nullable IncomingPacket packet;

  /**
   * Turns a RED packet into the plain one that it carries.
   *
   * @param payloadType of the plain codec
   * @return number of older blocks, 0 to {@value RedPayload#MAX_BLOCKS}; -1 where the payload is
   *     malformed or its newest block is of another codec
   */
  public int open(IncomingPacket packet, int payloadType) {
    this.packet = packet;
    this.payloadType = payloadType;
    blocks = 0;
    int count =
        RedPayload.walk(
            packet.memory, packet.offset + packet.payloadOffset, packet.payloadLength, this);
    if (count < 1 || payloadTypes[count - 1] != payloadType) {
      return -1;
    }
    packet.unwrapRed((int) (offsets[count - 1] - packet.offset - packet.payloadOffset));
    return count - 1;
  }

  @Override
  public void block(int payloadType, int timestampOffset, long offset, int length) {
    payloadTypes[blocks] = payloadType;
    timestampOffsets[blocks] = timestampOffset;
    offsets[blocks] = offset;
    lengths[blocks] = length;
    blocks++;
  }

  /**
   * The packet that an older block stands in for, where the layer lacks it. Blocks repeat the
   * packets right before theirs, one each, as browsers send them; one whose timestamp does not fit
   * between those of its neighbours repeats another, and is left alone.
   *
   * @param block 0 is the oldest
   * @return valid until the next call; null where there is nothing to be made good
   */
  public @Nullable IncomingPacket lacking(Layer layer, int block) {
    IncomingPacket newest = packet;
    int back = blocks - 1 - block;
    if (newest == null || layer.highest() < 0) {
      return null;
    }
    long sequence = layer.resolve(newest.sequence) - back;
    int timestamp = newest.timestamp - timestampOffsets[block];
    if (!layer.lacks(sequence)
        || payloadTypes[block] != payloadType
        || lengths[block] == 0
        || timestampOffsets[block] == 0
        || !fits(layer.cache(), sequence, timestamp)) {
      return null;
    }
    RtpHeader.write(scratch, 0, false, payloadType, (int) sequence, timestamp, newest.ssrc);
    MemorySegment.copy(
        newest.memory, offsets[block], scratch, RtpHeader.FIXED_LENGTH, lengths[block]);
    int length = RtpHeader.FIXED_LENGTH + lengths[block];
    boolean sound = older.read(scratch, 0, length, newest.arrivalNs);
    older.setMade();
    return sound ? older : null;
  }

  private static boolean fits(PacketCache cache, long sequence, int timestamp) {
    int before = cache.slotOf(sequence - 1);
    int after = cache.slotOf(sequence + 1);
    return (before < 0 || timestamp - cache.timestamp(before) > 0)
        && (after < 0 || cache.timestamp(after) - timestamp > 0);
  }
}
