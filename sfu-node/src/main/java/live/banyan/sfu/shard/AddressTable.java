package live.banyan.sfu.shard;

import org.jspecify.annotations.Nullable;

/**
 * Transports by remote address and port: open addressing, linear probing, nothing allocated by a
 * look-up. The owner bounds how many addresses go in. Not thread safe.
 */
final class AddressTable {
  private static final int INITIAL = 64;

  private long[] highs = new long[INITIAL];
  private long[] lows = new long[INITIAL];
  private int[] ports = new int[INITIAL];
  private @Nullable Transport[] transports = new @Nullable Transport[INITIAL];
  private int size;

  int size() {
    return size;
  }

  @Nullable Transport get(long high, long low, int port) {
    int mask = transports.length - 1;
    int at = hash(high, low, port) & mask;
    while (true) {
      Transport transport = transports[at];
      if (transport == null) {
        return null;
      }
      if (lows[at] == low && ports[at] == port && highs[at] == high) {
        return transport;
      }
      at = at + 1 & mask;
    }
  }

  /** Binds an address. @return the transport that had it before, or null */
  @Nullable Transport put(long high, long low, int port, Transport transport) {
    if (2 * (size + 1) > transports.length) {
      grow();
    }
    int at = find(high, low, port);
    Transport before = transports[at];
    highs[at] = high;
    lows[at] = low;
    ports[at] = port;
    transports[at] = transport;
    if (before == null) {
      size++;
    }
    return before;
  }

  /** Unbinds an address if this transport has it. */
  void remove(long high, long low, int port, Transport transport) {
    int at = find(high, low, port);
    if (transports[at] != transport) {
      return;
    }
    size--;
    int mask = transports.length - 1;
    int hole = at;
    int next = hole + 1 & mask;
    // Whoever was pushed past the hole moves back into it, so that probing never needs tombstones.
    while (transports[next] != null) {
      int home = hash(highs[next], lows[next], ports[next]) & mask;
      if ((next - home & mask) >= (next - hole & mask)) {
        highs[hole] = highs[next];
        lows[hole] = lows[next];
        ports[hole] = ports[next];
        transports[hole] = transports[next];
        hole = next;
      }
      next = next + 1 & mask;
    }
    transports[hole] = null;
  }

  private int find(long high, long low, int port) {
    int mask = transports.length - 1;
    int at = hash(high, low, port) & mask;
    while (transports[at] != null && !(lows[at] == low && ports[at] == port && highs[at] == high)) {
      at = at + 1 & mask;
    }
    return at;
  }

  private void grow() {
    long[] oldHighs = highs;
    long[] oldLows = lows;
    int[] oldPorts = ports;
    @Nullable Transport[] old = transports;
    int length = old.length * 2;
    highs = new long[length];
    lows = new long[length];
    ports = new int[length];
    transports = new @Nullable Transport[length];
    for (int i = 0; i < old.length; i++) {
      if (old[i] != null) {
        int at = find(oldHighs[i], oldLows[i], oldPorts[i]);
        highs[at] = oldHighs[i];
        lows[at] = oldLows[i];
        ports[at] = oldPorts[i];
        transports[at] = old[i];
      }
    }
  }

  private static int hash(long high, long low, int port) {
    long mixed = (high * 31 + low) * 0x9E3779B97F4A7C15L + port * 0xC2B2AE3D27D4EB4FL;
    return (int) (mixed ^ mixed >>> 29 ^ mixed >>> 47);
  }
}
