package live.banyan.sfu.shard;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.packet.PacketSink;

/** Keeps what a shard sends until somebody takes it. */
final class RecordingSink implements PacketSink {
  private static final int SLOTS = 64;
  private static final int SLOT_BYTES = 2048;

  private final MemorySegment memory = Arena.ofAuto().allocate((long) SLOTS * SLOT_BYTES);
  private List<Datagram> sent = new ArrayList<>();
  private int next;
  private long high;
  private long low;
  private int port;
  private int claimed = -1;

  /** One datagram and where it is to go. */
  record Datagram(byte[] bytes, long high, long low, int port) {}

  /** What was sent since the last call. */
  List<Datagram> take() {
    List<Datagram> taken = sent;
    sent = new ArrayList<>();
    return taken;
  }

  @Override
  public MemorySegment memory() {
    return memory;
  }

  @Override
  public long claim(long addressHigh, long addressLow, int port, int maxLength) {
    if (claimed >= 0 || maxLength > SLOT_BYTES) {
      throw new IllegalStateException("claim of " + maxLength + " while " + claimed);
    }
    high = addressHigh;
    low = addressLow;
    this.port = port;
    claimed = maxLength;
    next = (next + 1) % SLOTS;
    return (long) next * SLOT_BYTES;
  }

  @Override
  public void commit(int length) {
    if (claimed < length) {
      throw new IllegalStateException("commit of " + length + " after a claim of " + claimed);
    }
    claimed = -1;
    if (length > 0) {
      long at = (long) next * SLOT_BYTES;
      sent.add(
          new Datagram(memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE), high, low, port));
    }
  }

  @Override
  public void flush() {
    if (claimed >= 0) {
      throw new IllegalStateException("flush between claim and commit");
    }
  }
}
