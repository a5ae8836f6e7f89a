package live.banyan.mesh.record;

import java.util.ArrayList;
import java.util.List;
import live.banyan.mesh.wire.CborReader;
import live.banyan.mesh.wire.CborWriter;
import live.banyan.mesh.wire.Endpoint;
import live.banyan.mesh.wire.MalformedException;

/** How a node is reached. */
public sealed interface Reach {
  /** Addresses, or rendezvous nodes, that a record may name. */
  int COUNT_MAX = 4;

  /** A node with public addresses. */
  record Direct(List<Endpoint> endpoints) implements Reach {
    public Direct {
      checkCount(endpoints.size());
      endpoints = List.copyOf(endpoints);
    }
  }

  /** A home node: it names those who pass messages on to it, never its own address. */
  record Through(List<Rendezvous> rendezvous) implements Reach {
    public Through {
      checkCount(rendezvous.size());
      rendezvous = List.copyOf(rendezvous);
    }
  }

  /** A node to which a home node keeps a link. */
  record Rendezvous(String nodeId, Endpoint endpoint) {}

  private static void checkCount(int count) {
    if (count < 1 || count > COUNT_MAX) {
      throw new IllegalArgumentException("a node is reached in 1 to " + COUNT_MAX + " ways");
    }
  }

  /** Appends two items: which kind, and the list. */
  static CborWriter write(CborWriter out, Reach reach) {
    return switch (reach) {
      case Direct direct -> {
        out.number(0).list(direct.endpoints.size());
        direct.endpoints.forEach(endpoint -> out.bytes(endpoint.bytes()));
        yield out.endList();
      }
      case Through through -> {
        out.number(1).list(through.rendezvous.size());
        for (Rendezvous one : through.rendezvous) {
          out.list(2).nodeId(one.nodeId).bytes(one.endpoint.bytes()).endList();
        }
        yield out.endList();
      }
    };
  }

  /** Reads what {@link #write} wrote. */
  static Reach read(CborReader in) throws MalformedException {
    boolean through = in.number(0, 1) == 1;
    int count = in.list(COUNT_MAX);
    if (count == 0) {
      throw new MalformedException("a node that cannot be reached");
    }
    List<Endpoint> endpoints = new ArrayList<>();
    List<Rendezvous> rendezvous = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (through) {
        in.list(2);
        rendezvous.add(new Rendezvous(in.nodeId(), Endpoint.read(in.bytes(Endpoint.BYTES_MAX))));
        in.endList();
      } else {
        endpoints.add(Endpoint.read(in.bytes(Endpoint.BYTES_MAX)));
      }
    }
    in.endList();
    return through ? new Through(rendezvous) : new Direct(endpoints);
  }
}
