package live.banyan.sfu.io;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one shard tells another: a bounded ring of records in native memory, for one writing and one
 * reading thread, without a lock. A record that finds no room is refused; nothing waits.
 *
 * <pre>
 *  0: bytes that the record takes(4)  4: kind(4)  8: first(8)  16: second(8)  24: third(4)
 * 28: length of the data(4)  32: data, padded to 8
 * </pre>
 */
public final class ShardRing {
  private static final int HEADER = 32;
  private static final int SKIP = -1;

  private final MemorySegment memory;
  private final long capacity;

  /** Bytes written since the start; moved by the writer alone. */
  private final AtomicLong tail = new AtomicLong();

  /** Bytes read since the start; moved by the reader alone. */
  private final AtomicLong head = new AtomicLong();

  /** Takes records. The memory is the ring's: what is kept must be copied. */
  @FunctionalInterface
  public interface Reader {
    void read(
        int kind,
        long first,
        long second,
        int third,
        MemorySegment memory,
        long offset,
        int length);
  }

  /**
   * Makes an empty ring.
   *
   * @param capacityBytes a power of two, at least 16 KiB
   */
  public ShardRing(int capacityBytes) {
    if (capacityBytes < 1 << 14 || Integer.bitCount(capacityBytes) != 1) {
      throw new IllegalArgumentException(capacityBytes + " bytes: not a power of two from 16384");
    }
    capacity = capacityBytes;
    memory = Arena.ofAuto().allocate(capacity, 64);
  }

  /**
   * Writes a record, on the writing thread.
   *
   * @return false when the ring is full
   */
  public boolean offer(
      int kind, long first, long second, int third, MemorySegment data, long offset, int length) {
    long size = HEADER + (length + 7L & ~7L);
    long at = tail.getPlain();
    long place = at & capacity - 1;
    // A record lies in one piece: what is left before the end is skipped when it is too little.
    long skipped = place + size > capacity ? capacity - place : 0;
    if (at + skipped + size - head.getAcquire() > capacity) {
      return false;
    }
    if (skipped > 0) {
      memory.set(ValueLayout.JAVA_INT, place, (int) skipped);
      memory.set(ValueLayout.JAVA_INT, place + 4, SKIP);
      place = 0;
    }
    memory.set(ValueLayout.JAVA_INT, place, (int) size);
    memory.set(ValueLayout.JAVA_INT, place + 4, kind);
    memory.set(ValueLayout.JAVA_LONG, place + 8, first);
    memory.set(ValueLayout.JAVA_LONG, place + 16, second);
    memory.set(ValueLayout.JAVA_INT, place + 24, third);
    memory.set(ValueLayout.JAVA_INT, place + 28, length);
    MemorySegment.copy(data, offset, memory, place + HEADER, length);
    tail.setRelease(at + skipped + size);
    return true;
  }

  /** Whether there is nothing to read, as the reading thread sees it. */
  public boolean isEmpty() {
    return tail.getAcquire() == head.getPlain();
  }

  /** Reads what is there, at most {@code recordsMax} records, on the reading thread. */
  public void drain(Reader reader, int recordsMax) {
    long end = tail.getAcquire();
    long at = head.getPlain();
    for (int i = 0; i < recordsMax && at < end; i++) {
      long place = at & capacity - 1;
      int kind = memory.get(ValueLayout.JAVA_INT, place + 4);
      at += memory.get(ValueLayout.JAVA_INT, place);
      if (kind != SKIP) {
        reader.read(
            kind,
            memory.get(ValueLayout.JAVA_LONG, place + 8),
            memory.get(ValueLayout.JAVA_LONG, place + 16),
            memory.get(ValueLayout.JAVA_INT, place + 24),
            memory,
            place + HEADER,
            memory.get(ValueLayout.JAVA_INT, place + 28));
      }
      head.setRelease(at);
    }
  }
}
