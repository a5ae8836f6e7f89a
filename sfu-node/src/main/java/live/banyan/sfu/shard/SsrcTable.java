package live.banyan.sfu.shard;

import org.jspecify.annotations.Nullable;

/**
 * What an SSRC means on one transport: open addressing, linear probing, nothing allocated by a
 * look-up. Bounded: {@link #put} refuses beyond its capacity. Not thread safe.
 */
final class SsrcTable<T> {
  private final int capacity;
  private int[] ssrcs = new int[8];
  private @Nullable Object[] values = new @Nullable Object[8];
  private int size;

  SsrcTable(int capacity) {
    this.capacity = capacity;
  }

  int size() {
    return size;
  }

  @SuppressWarnings("unchecked")
  @Nullable T get(int ssrc) {
    return (T) values[find(ssrc)];
  }

  /** Adds an SSRC. @return false where it is there already, is 0, or the table is full */
  boolean put(int ssrc, T value) {
    if (ssrc == 0 || size == capacity || get(ssrc) != null) {
      return false;
    }
    if (2 * (size + 1) > ssrcs.length) {
      grow();
    }
    int at = find(ssrc);
    ssrcs[at] = ssrc;
    values[at] = value;
    size++;
    return true;
  }

  void remove(int ssrc) {
    int hole = find(ssrc);
    if (values[hole] == null) {
      return;
    }
    size--;
    int mask = ssrcs.length - 1;
    int next = hole + 1 & mask;
    while (values[next] != null) {
      int home = hash(ssrcs[next]) & mask;
      if ((next - home & mask) >= (next - hole & mask)) {
        ssrcs[hole] = ssrcs[next];
        values[hole] = values[next];
        hole = next;
      }
      next = next + 1 & mask;
    }
    values[hole] = null;
  }

  private int find(int ssrc) {
    int mask = ssrcs.length - 1;
    int at = hash(ssrc) & mask;
    while (values[at] != null && ssrcs[at] != ssrc) {
      at = at + 1 & mask;
    }
    return at;
  }

  private void grow() {
    int[] oldSsrcs = ssrcs;
    @Nullable Object[] old = values;
    ssrcs = new int[old.length * 2];
    values = new @Nullable Object[old.length * 2];
    for (int i = 0; i < old.length; i++) {
      if (old[i] != null) {
        int at = find(oldSsrcs[i]);
        ssrcs[at] = oldSsrcs[i];
        values[at] = old[i];
      }
    }
  }

  private static int hash(int ssrc) {
    int mixed = ssrc * 0x9E3779B9;
    return mixed ^ mixed >>> 16;
  }
}
