package live.banyan.sfu.io;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/**
 * Between the JDK's addresses and the two longs of {@code PacketSink}: IPv6 as it is, IPv4 as
 * ::ffff:a.b.c.d (RFC 4291 §2.5.5.2). For the edges; both directions may allocate.
 */
public final class SocketAddresses {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final long MAPPED_PREFIX = 0x0000_FFFF_0000_0000L;

  private SocketAddresses() {}

  /** Upper half of the address: 0 for IPv4. */
  public static long high(InetAddress address) {
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? 0 : (long) LONG.get(bytes, 0);
  }

  /** Lower half of the address. */
  public static long low(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != 4) {
      return (long) LONG.get(bytes, 8);
    }
    return MAPPED_PREFIX
        | (bytes[0] & 0xFFL) << 24
        | (bytes[1] & 0xFFL) << 16
        | (bytes[2] & 0xFFL) << 8
        | (bytes[3] & 0xFFL);
  }

  /** Whether the two longs hold an IPv4 address. */
  public static boolean isIpv4(long high, long low) {
    return high == 0 && low >>> 32 == 0xFFFFL;
  }

  /** The JDK's address; an {@code Inet4Address} for IPv4. */
  public static InetAddress address(long high, long low) {
    return address(high, low, 0);
  }

  /** The JDK's socket address. */
  public static InetSocketAddress socketAddress(long high, long low, int port) {
    return new InetSocketAddress(address(high, low), port);
  }

  static InetAddress address(long high, long low, int scope) {
    byte[] bytes = new byte[16];
    LONG.set(bytes, 0, high);
    LONG.set(bytes, 8, low);
    try {
      return scope == 0
          ? InetAddress.getByAddress(bytes)
          : Inet6Address.getByAddress(null, bytes, scope);
    } catch (UnknownHostException e) {
      throw new AssertionError("sixteen bytes are an address", e);
    }
  }
}
