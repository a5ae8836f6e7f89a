package live.banyan.sfu.shard;

import org.jspecify.annotations.Nullable;

/**
 * Values by remote address and port: open addressing, linear probing, nothing allocated by a
 * look-up. The owner bounds how many addresses go in. Not thread safe.
 */
final class AddressTable<T> {
  private static final int INITIAL = 64;

  private long[] highs = new long[INITIAL];
  private long[] lows = new long[INITIAL];
  private int[] ports = new int[INITIAL];
  private @Nullable T[] values = array(INITIAL);
  private int size;

  int size() {
    return size;
  }

  @Nullable T get(long high, long low, int port) {
    int mask = values.length - 1;
    int at = hash(high, low, port) & mask;
    while (true) {
      T value = values[at];
      if (value == null) {
        return null;
      }
      if (lows[at] == low && ports[at] == port && highs[at] == high) {
        return value;
      }
      at = at + 1 & mask;
    }
  }

  /** Binds an address. @return what it was bound to before, or null */
  @Nullable T put(long high, long low, int port, T value) {
    if (2 * (size + 1) > values.length) {
      grow();
    }
    int at = find(high, low, port);
    T before = values[at];
    highs[at] = high;
    lows[at] = low;
    ports[at] = port;
    values[at] = value;
    if (before == null) {
      size++;
    }
    return before;
  }

  /** Unbinds an address if it is bound to this value. */
  void remove(long high, long low, int port, T value) {
    int at = find(high, low, port);
    if (values[at] != value) {
      return;
    }
    size--;
    int mask = values.length - 1;
    int hole = at;
    int next = hole + 1 & mask;
    // Whoever was pushed past the hole moves back into it, so that probing never needs tombstones.
    while (values[next] != null) {
      int home = hash(highs[next], lows[next], ports[next]) & mask;
      if ((next - home & mask) >= (next - hole & mask)) {
        highs[hole] = highs[next];
        lows[hole] = lows[next];
        ports[hole] = ports[next];
        values[hole] = values[next];
        hole = next;
      }
      next = next + 1 & mask;
    }
    values[hole] = null;
  }

  private int find(long high, long low, int port) {
    int mask = values.length - 1;
    int at = hash(high, low, port) & mask;
    while (values[at] != null && !(lows[at] == low && ports[at] == port && highs[at] == high)) {
      at = at + 1 & mask;
    }
    return at;
  }

  private void grow() {
    long[] oldHighs = highs;
    long[] oldLows = lows;
    int[] oldPorts = ports;
    @Nullable T[] old = values;
    int length = old.length * 2;
    highs = new long[length];
    lows = new long[length];
    ports = new int[length];
    values = array(length);
    for (int i = 0; i < old.length; i++) {
      if (old[i] != null) {
        int at = find(oldHighs[i], oldLows[i], oldPorts[i]);
        highs[at] = oldHighs[i];
        lows[at] = oldLows[i];
        ports[at] = oldPorts[i];
        values[at] = old[i];
      }
    }
  }

  private static int hash(long high, long low, int port) {
    long mixed = (high * 31 + low) * 0x9E3779B97F4A7C15L + port * 0xC2B2AE3D27D4EB4FL;
    return (int) (mixed ^ mixed >>> 29 ^ mixed >>> 47);
  }

  @SuppressWarnings("unchecked")
  private static <T> @Nullable T[] array(int length) {
    return (@Nullable T[]) new @Nullable Object[length];
  }
}
