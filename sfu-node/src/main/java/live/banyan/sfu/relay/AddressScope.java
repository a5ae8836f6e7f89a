package live.banyan.sfu.relay;

import java.net.Inet4Address;
import java.net.InetAddress;

/** How far an address reaches: a candidate of a narrow scope is only probed from inside it. */
enum AddressScope {
  LOOPBACK,
  LINK_LOCAL,
  /** RFC 1918, RFC 6598 (carrier-grade NAT) and RFC 4193 (fc00::/7). */
  PRIVATE,
  PUBLIC;

  static AddressScope of(InetAddress address) {
    if (address.isLoopbackAddress()) {
      return LOOPBACK;
    }
    if (address.isLinkLocalAddress()) {
      return LINK_LOCAL;
    }
    byte[] bytes = address.getAddress();
    boolean inside =
        address instanceof Inet4Address
            ? address.isSiteLocalAddress()
                || (bytes[0] == 100 && (bytes[1] & 0xc0) == 64)
                || bytes[0] == 0
            : (bytes[0] & 0xfe) == 0xfc || address.isSiteLocalAddress();
    return inside ? PRIVATE : PUBLIC;
  }
}
