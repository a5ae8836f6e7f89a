package live.banyan.signaling.http;

import java.net.InetAddress;

/** A block of addresses, IPv4 or IPv6. Never asks DNS. */
public final class Cidr {
  private final byte[] prefix;
  private final int bits;

  private Cidr(byte[] prefix, int bits) {
    this.prefix = prefix;
    this.bits = bits;
  }

  /**
   * Reads {@code 10.0.0.0/8}, {@code fd00::/8} or a single address.
   *
   * @throws IllegalArgumentException with a sentence that quotes the text
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    try {
      byte[] prefix =
          InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash)).getAddress();
      int bits = slash < 0 ? prefix.length * 8 : Integer.parseInt(text.substring(slash + 1));
      if (bits >= 0 && bits <= prefix.length * 8) {
        return new Cidr(prefix, bits);
      }
    } catch (IllegalArgumentException notOne) {
      // told below
    }
    throw new IllegalArgumentException(
        "not an address block: " + text + " (write 10.0.0.0/8, fd00::/8 or one address)");
  }

  /** Whether the address is of this family and begins with this prefix. */
  public boolean contains(InetAddress address) {
    byte[] bytes = address.getAddress();
    if (bytes.length != prefix.length) {
      return false;
    }
    int whole = bits / 8;
    for (int i = 0; i < whole; i++) {
      if (bytes[i] != prefix[i]) {
        return false;
      }
    }
    int rest = bits % 8;
    return rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0;
  }
}
