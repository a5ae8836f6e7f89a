package live.banyan.mesh.sim.dht;

import java.util.ArrayList;
import java.util.List;
import live.banyan.mesh.kademlia.Contact;
import live.banyan.mesh.kademlia.DhtMessage;
import live.banyan.mesh.wire.Endpoint;
import org.jspecify.annotations.Nullable;

/**
 * Claims to keep what it is given and gives it out corrupted, and names nobody but liars and nodes
 * that do not exist.
 */
final class Liar {
  private final Contact self;
  private final Crowd crowd;
  private final List<byte[]> corrupted = new ArrayList<>();

  Liar(Contact self, Crowd crowd) {
    this.self = self;
    this.crowd = crowd;
  }

  @Nullable DhtMessage answer(Endpoint from, DhtMessage message) {
    return switch (message) {
      case DhtMessage.Find m ->
          new DhtMessage.Found(
              m.number(),
              self.nodeId(),
              self.endpoint(),
              from,
              1,
              crowd.named(m.target()),
              List.copyOf(corrupted));
      case DhtMessage.Store m -> {
        byte[] spoilt = m.record().clone();
        spoilt[spoilt.length - 1] ^= 1;
        if (corrupted.isEmpty()) {
          corrupted.add(spoilt);
        }
        yield new DhtMessage.Stored(m.number(), true);
      }
      case DhtMessage.Found m -> null;
      case DhtMessage.Token m -> null;
      case DhtMessage.Stored m -> null;
      case DhtMessage.Versions m -> null;
      case DhtMessage.OtherVersion m -> null;
    };
  }
}
