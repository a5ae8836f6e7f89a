package live.banyan.sfu.relay;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import live.banyan.mesh.NodeRecord;
import live.banyan.sfu.dtls.DtlsFingerprint;

/**
 * Whether an offer fits the record of the node that sent it, and which of its candidates may be
 * probed. A member of the site must not turn this node into a scanner of the network it stands in:
 * only announced addresses are probed, and those of a narrow scope only from inside it.
 */
final class OfferCheck {
  private OfferCheck() {}

  /** Outcome of {@link #check}. */
  sealed interface Verdict {}

  /** The candidates to probe, best first; never empty. */
  record Usable(NodeRecord sender, LinkOffer offer, List<InetSocketAddress> candidates)
      implements Verdict {}

  record Refused(OfferRefusal reason) implements Verdict {}

  /**
   * @param own addresses that this node announces or is bound to: the scopes it stands in
   */
  static Verdict check(LinkOffer offer, NodeRecord sender, List<InetSocketAddress> own) {
    if (DtlsFingerprint.of("sha-256", sender.fingerprint()).isEmpty()
        || !offer.fingerprint().equalsIgnoreCase(sender.fingerprint())) {
      return new Refused(OfferRefusal.WRONG_FINGERPRINT);
    }
    Set<InetSocketAddress> announced = new HashSet<>(parse(sender.udp()));
    Set<AddressScope> scopes = EnumSet.of(AddressScope.PUBLIC);
    own.forEach(address -> scopes.add(AddressScope.of(address.getAddress())));
    List<InetSocketAddress> usable = new ArrayList<>();
    for (String text : offer.candidates()) {
      InetSocketAddress candidate = Endpoint.parse(text);
      if (candidate == null) {
        return new Refused(OfferRefusal.MALFORMED);
      }
      if (!announced.contains(candidate)) {
        return new Refused(OfferRefusal.FOREIGN_CANDIDATE);
      }
      if (scopes.contains(AddressScope.of(candidate.getAddress())) && !usable.contains(candidate)) {
        usable.add(candidate);
      }
    }
    return usable.isEmpty()
        ? new Refused(OfferRefusal.UNREACHABLE_CANDIDATE)
        : new Usable(sender, offer, List.copyOf(usable));
  }

  /** The addresses of a record that are addresses; what is none is left out. */
  static List<InetSocketAddress> parse(List<String> udp) {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (String text : udp) {
      InetSocketAddress address = Endpoint.parse(text);
      if (address != null) {
        addresses.add(address);
      }
    }
    return addresses;
  }
}
