package live.banyan.sfu.io;

import java.util.Arrays;

/**
 * Which message of a batch is the latest to an address: only that one may be added to, or datagrams
 * to one peer would overtake each other. Open addressing, half full at most; nothing is allocated
 * after the beginning. Not thread safe.
 */
final class LatestMessages {
  static final int NONE = -1;

  /** Fibonacci hashing: 2^64 over the golden ratio scatters addresses and ports that count up. */
  private static final long SCATTER = 0x9E37_79B9_7F4A_7C15L;

  private final int shift;
  private final short[] messages;
  private final long[] highs;
  private final long[] lows;
  private final int[] ports;

  /**
   * Makes a table.
   *
   * @param peers most peers between two {@link #clear}; at most 16,384
   */
  LatestMessages(int peers) {
    int places = Integer.highestOneBit(2 * peers - 1) << 1;
    shift = Long.SIZE - Integer.numberOfTrailingZeros(places);
    messages = new short[places];
    highs = new long[places];
    lows = new long[places];
    ports = new int[places];
    clear();
  }

  /** Where the peer stands, or is to be put. */
  int place(long high, long low, int port) {
    int place = (int) ((high + low * 31 + port) * SCATTER >>> shift);
    while (messages[place] != NONE
        && (lows[place] != low || ports[place] != port || highs[place] != high)) {
      place = (place + 1) & (messages.length - 1);
    }
    return place;
  }

  /** The latest message to the peer of this place, or {@link #NONE}. */
  int message(int place) {
    return messages[place];
  }

  /** Notes the peer's latest message at the {@link #place} that was told for it. */
  void put(int place, int message, long high, long low, int port) {
    messages[place] = (short) message;
    highs[place] = high;
    lows[place] = low;
    ports[place] = port;
  }

  void clear() {
    Arrays.fill(messages, (short) NONE);
  }
}
