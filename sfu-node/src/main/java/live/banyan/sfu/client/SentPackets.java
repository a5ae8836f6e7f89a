package live.banyan.sfu.client;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** Payloads sent in the last two seconds, for repetition. Not thread safe. */
final class SentPackets {
  private static final int CAPACITY_MAX = 2_048;
  private static final int SLOT_BYTES = 1_400;

  /** Room for RTX's original sequence number in front of each payload. */
  static final int HEADROOM = 2;

  private static final long KEEP_NS = 2_000_000_000L;

  /** A packet asked for twice within this is on its way already. */
  private static final long REPEAT_NS = 10_000_000L;

  private final int capacity;
  private final MemorySegment memory;
  private final long[] indexes;
  private final int[] lengths;
  private final int[] timestamps;
  private final boolean[] markers;
  private final long[] captures;
  private final long[] sentNs;

  /**
   * @param packetsPerSecond that it has room for, at least; beyond 1,024, which is about 10 Mbit/s,
   *     they are kept for less than two seconds
   */
  SentPackets(int packetsPerSecond) {
    int wanted = Math.clamp(2L * packetsPerSecond, 1, CAPACITY_MAX);
    capacity = Integer.highestOneBit(2 * wanted - 1); // a power of two
    memory = Arena.ofAuto().allocate((long) capacity * SLOT_BYTES);
    indexes = new long[capacity];
    lengths = new int[capacity];
    timestamps = new int[capacity];
    markers = new boolean[capacity];
    captures = new long[capacity];
    sentNs = new long[capacity];
    Arrays.fill(indexes, -1);
  }

  MemorySegment memory() {
    return memory;
  }

  /** Keeps a packet. @return its slot; the payload lies at {@link #payloadOffset} */
  int put(
      long index,
      int timestamp,
      boolean marker,
      long captureNtp,
      MemorySegment payload,
      int length,
      long nowNs) {
    int slot = (int) index & capacity - 1;
    MemorySegment.copy(payload, 0, memory, payloadOffset(slot), length);
    indexes[slot] = index;
    lengths[slot] = length;
    timestamps[slot] = timestamp;
    markers[slot] = marker;
    captures[slot] = captureNtp;
    sentNs[slot] = nowNs;
    return slot;
  }

  /** The slot of a packet that may be sent again now, or -1. */
  int find(int sequence, long nowNs) {
    int slot = sequence & capacity - 1;
    boolean there = indexes[slot] >= 0 && (indexes[slot] & 0xFFFF) == sequence;
    long age = nowNs - sentNs[slot];
    return there && age >= REPEAT_NS && age <= KEEP_NS ? slot : -1;
  }

  /** Notes a repetition. */
  void repeated(int slot, long nowNs) {
    // Age counts from here: a packet that is asked for again and again stays a little longer.
    sentNs[slot] = nowNs;
  }

  static long payloadOffset(int slot) {
    return (long) slot * SLOT_BYTES + HEADROOM;
  }

  int length(int slot) {
    return lengths[slot];
  }

  int timestamp(int slot) {
    return timestamps[slot];
  }

  boolean marker(int slot) {
    return markers[slot];
  }

  /** 0 where the packet did not tell one. */
  long capture(int slot) {
    return captures[slot];
  }

  long index(int slot) {
    return indexes[slot];
  }
}
