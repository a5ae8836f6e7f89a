package live.banyan.mesh.wire;

import java.nio.ByteBuffer;

/**
 * An IP address and a UDP port. IPv4 is kept as an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2), as
 * the media plane does.
 *
 * @param high upper half of the address
 * @param low lower half
 * @param port 1 to 65,535
 */
public record Endpoint(long high, long low, int port) {
  /** Longest form in bytes: an IPv6 address and a port. */
  public static final int BYTES_MAX = 18;

  private static final long MAPPED = 0xffffL;
  private static final int IPV4_BYTES = 6;

  public Endpoint {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port " + port);
    }
  }

  /** Of an address in network order, 4 or 16 bytes. */
  public static Endpoint of(byte[] address, int port) {
    ByteBuffer in = ByteBuffer.wrap(address);
    return switch (address.length) {
      case 4 -> new Endpoint(0, MAPPED << 32 | in.getInt() & 0xffff_ffffL, port);
      case 16 -> new Endpoint(in.getLong(), in.getLong(), port);
      default -> throw new IllegalArgumentException(address.length + " bytes are no address");
    };
  }

  /** Reads what {@link #bytes} wrote. */
  public static Endpoint read(byte[] bytes) throws MalformedException {
    if (bytes.length != IPV4_BYTES && bytes.length != BYTES_MAX) {
      throw new MalformedException("no address");
    }
    ByteBuffer in = ByteBuffer.wrap(bytes);
    byte[] address = new byte[bytes.length - 2];
    in.get(address);
    int port = in.getShort() & 0xffff;
    if (port == 0) {
      throw new MalformedException("port 0");
    }
    Endpoint endpoint = of(address, port);
    if (address.length == 16 && endpoint.isIpv4()) {
      throw new MalformedException("an IPv4 address that is longer than needed");
    }
    return endpoint;
  }

  /** The address in network order and the port: 6 bytes for IPv4, 18 for IPv6. */
  public byte[] bytes() {
    return isIpv4()
        ? ByteBuffer.allocate(IPV4_BYTES).putInt((int) low).putShort((short) port).array()
        : ByteBuffer.allocate(BYTES_MAX).putLong(high).putLong(low).putShort((short) port).array();
  }

  /** The address alone, in network order: 4 or 16 bytes. */
  public byte[] address() {
    return isIpv4()
        ? ByteBuffer.allocate(4).putInt((int) low).array()
        : ByteBuffer.allocate(16).putLong(high).putLong(low).array();
  }

  public boolean isIpv4() {
    return high == 0 && low >>> 32 == MAPPED;
  }

  /**
   * The network that the address is taken to belong to: the /24 of IPv4, the /48 of IPv6. What one
   * owner gets many of counts once.
   */
  public long network() {
    // An IPv4 network has the mark of IPv4-mapped addresses in front, which no IPv6 /48 has that is
    // given to anybody (::/8 is reserved).
    return isIpv4() ? low & ~0xffL : high & ~0xffffL;
  }

  /**
   * Whether packets to it may leave for the public internet: neither loopback, private (RFC 1918,
   * RFC 4193), shared (RFC 6598), link-local, multicast, reserved, nor "this network".
   */
  public boolean isPublic() {
    return isIpv4() ? isPublicIpv4((int) low) : isPublicIpv6();
  }

  private static boolean isPublicIpv4(int address) {
    int a = address >>> 24;
    int b = address >>> 16 & 0xff;
    return a != 0
        && a != 10
        && a != 127
        && a < 224
        && !(a == 100 && b >= 64 && b < 128)
        && !(a == 169 && b == 254)
        && !(a == 172 && b >= 16 && b < 32)
        && !(a == 192 && b == 168)
        && !(a == 198 && (b == 18 || b == 19));
  }

  private boolean isPublicIpv6() {
    // 2000::/3 is all of the global unicast space that is given out (RFC 4291, 2.4).
    return high >>> 61 == 1;
  }

  /** Whether it lies on this very machine: 127.0.0.0/8 or ::1. */
  public boolean isLoopback() {
    return isIpv4() ? (int) low >>> 24 == 127 : high == 0 && low == 1;
  }

  /** {@code host:port} or {@code [v6]:port}; not for logs, an address may be a viewer's. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    if (isIpv4()) {
      for (int shift = 24; shift >= 0; shift -= 8) {
        text.append((int) low >>> shift & 0xff).append(shift == 0 ? "" : ".");
      }
    } else {
      text.append('[');
      for (int i = 0; i < 8; i++) {
        long half = i < 4 ? high : low;
        text.append(i == 0 ? "" : ":")
            .append(Long.toHexString(half >>> 48 - 16 * (i % 4) & 0xffff));
      }
      text.append(']');
    }
    return text.append(':').append(port).toString();
  }
}
