package live.banyan.sfu.io;

/**
 * Remembers on which interface a link-local IPv6 peer was heard (RFC 4007 §6): the two longs that
 * stand for an address leave no room for a scope. Bounded: peers that share a place overwrite each
 * other, and only hosts on the own link can write at all.
 */
final class LinkLocalScopes {
  private static final int PLACES = 256;

  private final long[] lows = new long[PLACES];
  private final int[] scopes = new int[PLACES];

  /** Whether the upper half of an address is that of fe80::/10. */
  static boolean isLinkLocal(long high) {
    return high >>> 54 == 0xFE80L >>> 6;
  }

  void heard(long low, int scope) {
    int place = place(low);
    lows[place] = low;
    scopes[place] = scope;
  }

  /** The interface's index, 0 when unknown. */
  int scopeOf(long low) {
    int place = place(low);
    return lows[place] == low ? scopes[place] : 0;
  }

  private static int place(long low) {
    return (int) ((low * 0x9E37_79B9_7F4A_7C15L) >>> 56);
  }
}
