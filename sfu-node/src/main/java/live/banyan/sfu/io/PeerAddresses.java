package live.banyan.sfu.io;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The JDK's address objects of peers sent to lately, so that a stream to one peer makes one object.
 * Bounded: peers that share a place replace each other.
 */
final class PeerAddresses {
  private static final int PLACES = 4096;

  private final LinkLocalScopes scopes;
  private final long[] highs = new long[PLACES];
  private final long[] lows = new long[PLACES];
  private final int[] scopeIds = new int[PLACES];
  private final @Nullable InetSocketAddress[] addresses = new InetSocketAddress[PLACES];

  PeerAddresses(LinkLocalScopes scopes) {
    this.scopes = scopes;
  }

  InetSocketAddress of(long high, long low, int port) {
    int scope = LinkLocalScopes.isLinkLocal(high) ? scopes.scopeOf(low) : 0;
    int place = place(high, low, port);
    InetSocketAddress known = addresses[place];
    if (known != null
        && highs[place] == high
        && lows[place] == low
        && known.getPort() == port
        && scopeIds[place] == scope) {
      return known;
    }
    InetSocketAddress made = new InetSocketAddress(SocketAddresses.address(high, low, scope), port);
    highs[place] = high;
    lows[place] = low;
    scopeIds[place] = scope;
    addresses[place] = made;
    return made;
  }

  private static int place(long high, long low, int port) {
    long mixed = (high ^ Long.rotateLeft(low, 23) ^ port) * 0x9E37_79B9_7F4A_7C15L;
    return (int) (mixed >>> 52);
  }
}
