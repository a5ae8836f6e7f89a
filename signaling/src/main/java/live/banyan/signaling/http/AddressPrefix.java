package live.banyan.signaling.http;

import java.net.InetAddress;

/** The part of an address that one household or machine has: /32 of IPv4, /64 of IPv6. */
record AddressPrefix(boolean wide, long bits) {
  static AddressPrefix of(InetAddress address) {
    byte[] bytes = address.getAddress();
    long bits = 0;
    for (int i = 0; i < Math.min(8, bytes.length); i++) {
      bits = bits << 8 | bytes[i] & 0xff;
    }
    return new AddressPrefix(bytes.length > 4, bits);
  }
}
