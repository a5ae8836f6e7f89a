package live.banyan.sfu.sctp;

/** Transmission sequence numbers, counted on beyond 32 bits so that they compare (RFC 1982). */
final class Tsn {
  private Tsn() {}

  /** An initial number from the wire. */
  static long first(int wire) {
    return (1L << 32) + Integer.toUnsignedLong(wire);
  }

  /** The number nearest to {@code near} whose lower 32 bits are {@code wire}. */
  static long unwrap(int wire, long near) {
    return near + (wire - (int) near);
  }
}
