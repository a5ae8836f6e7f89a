package live.banyan.sfu.relay;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/** Addresses between their three shapes: text of a record, Java's, and the shard's two longs. */
final class Endpoint {
  private static final long MAPPED_PREFIX = 0xffffL << 32;

  private Endpoint() {}

  /**
   * Reads {@code a.b.c.d:port} or {@code [v6]:port}. Names are not looked up: a peer must not make
   * this node ask a resolver.
   *
   * @return null for anything that a datagram cannot be sent to
   */
  static @Nullable InetSocketAddress parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon <= 0 || text.length() > 64) {
      return null;
    }
    String host = text.substring(0, colon);
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    if (bracketed != host.contains(":")) {
      return null;
    }
    try {
      int port = Integer.parseInt(text.substring(colon + 1));
      InetAddress address =
          bracketed ? Inet6Address.ofLiteral(host.substring(1, host.length() - 1)) : quad(host);
      boolean sendable =
          port > 0 && port < 65536 && !address.isAnyLocalAddress() && !address.isMulticastAddress();
      return sendable ? new InetSocketAddress(address, port) : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** Java also reads 1.2.3, 1.2 and 1, which nobody announces on purpose. */
  private static InetAddress quad(String host) {
    if (host.chars().filter(c -> c == '.').count() != 3) {
      throw new IllegalArgumentException(host);
    }
    return Inet4Address.ofLiteral(host);
  }

  /** Upper half of the IPv6 or IPv4-mapped address. */
  static long high(InetAddress address) {
    return address instanceof Inet6Address ? longAt(address.getAddress(), 0) : 0;
  }

  /** Lower half of the IPv6 or IPv4-mapped address. */
  static long low(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 16
        ? longAt(bytes, 8)
        : MAPPED_PREFIX
            | (bytes[0] & 0xffL) << 24
            | (bytes[1] & 0xffL) << 16
            | (bytes[2] & 0xffL) << 8
            | bytes[3] & 0xffL;
  }

  /** The address of two longs; an IPv4-mapped one comes back as IPv4. */
  static InetAddress address(long high, long low) {
    byte[] bytes = new byte[16];
    for (int i = 0; i < 8; i++) {
      bytes[i] = (byte) (high >>> 56 - 8 * i);
      bytes[8 + i] = (byte) (low >>> 56 - 8 * i);
    }
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("16 bytes are an address", e);
    }
  }

  private static long longAt(byte[] bytes, int offset) {
    long value = 0;
    for (int i = 0; i < 8; i++) {
      value = value << 8 | bytes[offset + i] & 0xffL;
    }
    return value;
  }
}
