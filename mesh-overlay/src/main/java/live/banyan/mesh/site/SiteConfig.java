package live.banyan.mesh.site;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * Where this node stands in its site.
 *
 * @param site name of the cluster; members of another name are refused
 * @param host address that the member and the event bus bind to: loopback or private, never all
 * @param port TCP port of the member; a taken port is an error
 * @param join {@code host:port} of members to ask; this node's own address may be among them
 */
public record SiteConfig(String site, String host, int port, List<String> join) {
  public SiteConfig {
    join = List.copyOf(join);
    if (site.isBlank()) {
      throw new IllegalArgumentException("a site needs a name");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("cluster port " + port + " is not in 1..65535");
    }
    for (String member : join) {
      if (!member.matches(".+:[0-9]{1,5}")) {
        throw new IllegalArgumentException("join address \"" + member + "\" is not HOST:PORT");
      }
    }
    requirePrivate(host);
  }

  /**
   * Hazelcast trusts whoever reaches its port with everything, so the port must not be reachable
   * from the Internet.
   */
  private static void requirePrivate(String host) {
    InetAddress address;
    try {
      address = InetAddress.getByName(host);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("cluster address " + host + " cannot be resolved", e);
    }
    byte[] raw = address.getAddress();
    boolean uniqueLocal = raw.length == 16 && (raw[0] & 0xfe) == 0xfc; // RFC 4193
    boolean shared = raw.length == 4 && raw[0] == 100 && (raw[1] & 0xc0) == 64; // RFC 6598
    if (address.isAnyLocalAddress()
        || !(address.isLoopbackAddress()
            || address.isSiteLocalAddress()
            || address.isLinkLocalAddress()
            || uniqueLocal
            || shared)) {
      throw new IllegalArgumentException(
          "cluster address "
              + host
              + " is not loopback or private: members trust whoever reaches this port, so give a"
              + " private address, such as 127.0.0.1 or 10.0.0.5");
    }
  }
}
