package live.banyan.mesh.policy;

/**
 * The network that an address stands in, as far as one owner can take addresses in it: a /24 of
 * IPv4, a /48 of IPv6. A number that is never 0.
 */
public final class NetworkPrefix {
  private static final long MAPPED = 0xffff;
  private static final long V4 = 1L << 62;
  private static final long V6 = 1L << 63;

  private NetworkPrefix() {}

  /**
   * The network of an address.
   *
   * @param high upper half of the IPv6 or IPv4-mapped address
   * @param low lower half
   */
  public static long of(long high, long low) {
    boolean v4 = high == 0 && low >>> 32 == MAPPED;
    return v4 ? V4 | (low & 0xffffffffL) >>> 8 : V6 | high >>> 16;
  }
}
