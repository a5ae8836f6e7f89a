package live.banyan.sfu.depacket;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Packets by sequence index, as many as the capacity; the user keeps indexes within that range. */
final class PacketRing {
  private final int mask;
  private final long[] indexes;
  private final int[] timestamps;
  private final boolean[] markers;
  private final long[] arrivalsNs;
  private final @Nullable MemorySegment[] payloads;

  PacketRing(int capacity) {
    if (Integer.bitCount(capacity) != 1) {
      throw new IllegalArgumentException("capacity " + capacity + " is not a power of two");
    }
    mask = capacity - 1;
    indexes = new long[capacity];
    Arrays.fill(indexes, -1);
    timestamps = new int[capacity];
    markers = new boolean[capacity];
    arrivalsNs = new long[capacity];
    payloads = new @Nullable MemorySegment[capacity];
  }

  int capacity() {
    return mask + 1;
  }

  void put(long index, int timestamp, boolean marker, MemorySegment payload, long nowNs) {
    int slot = (int) index & mask;
    indexes[slot] = index;
    timestamps[slot] = timestamp;
    markers[slot] = marker;
    arrivalsNs[slot] = nowNs;
    payloads[slot] = payload;
  }

  void remove(long index) {
    int slot = (int) index & mask;
    indexes[slot] = -1;
    payloads[slot] = null;
  }

  boolean has(long index) {
    return indexes[(int) index & mask] == index;
  }

  MemorySegment payload(long index) {
    MemorySegment payload = payloads[(int) index & mask];
    if (payload == null) {
      throw new IllegalStateException("packet " + index + " is not held");
    }
    return payload;
  }

  int length(long index) {
    return (int) payload(index).byteSize();
  }

  int timestamp(long index) {
    return timestamps[(int) index & mask];
  }

  boolean marker(long index) {
    return markers[(int) index & mask];
  }

  long arrivalNs(long index) {
    return arrivalsNs[(int) index & mask];
  }
}
