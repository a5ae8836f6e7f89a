package live.banyan.node;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import live.banyan.signaling.port.MediaPlane.HostCandidate;

/** The addresses that clients and other nodes are told to send media to. */
record Announced(List<HostCandidate> candidates) {
  private static final int ADDRESSES_MAX = 8;

  /**
   * What the configuration names, else the bound address, else (when bound to all) this machine's
   * own addresses, loopback only when there is no other.
   */
  static Announced of(List<String> configured, InetSocketAddress bound) throws SocketException {
    List<String> addresses = new ArrayList<>(configured);
    if (addresses.isEmpty()) {
      if (bound.getAddress().isAnyLocalAddress()) {
        addresses.addAll(ownAddresses());
      } else {
        addresses.add(literal(bound.getAddress()));
      }
    }
    return new Announced(
        addresses.stream()
            .distinct()
            .limit(ADDRESSES_MAX)
            .map(a -> new HostCandidate(a, bound.getPort()))
            .toList());
  }

  private static List<String> ownAddresses() throws SocketException {
    List<InetAddress> found = new ArrayList<>();
    for (NetworkInterface i : NetworkInterface.networkInterfaces().toList()) {
      if (i.isUp() && !i.isLoopback()) {
        i.inetAddresses().filter(a -> !a.isLinkLocalAddress()).forEach(found::add);
      }
    }
    if (found.isEmpty()) {
      return List.of("127.0.0.1");
    }
    // IPv4 first: every client tries it, and it is the one that people recognise.
    found.sort(Comparator.comparing(a -> a instanceof Inet6Address));
    return found.stream().map(Announced::literal).toList();
  }

  private static String literal(InetAddress address) {
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    return scope < 0 ? text : text.substring(0, scope);
  }

  /** As node records write them. */
  List<String> endpoints() {
    return candidates.stream()
        .map(
            c ->
                (c.address().contains(":") ? "[" + c.address() + "]" : c.address())
                    + ":"
                    + c.port())
        .toList();
  }
}
