package live.banyan.mesh.kademlia;

import java.nio.ByteBuffer;
import live.banyan.mesh.identity.Sha256;
import live.banyan.mesh.wire.Endpoint;

/**
 * A node as others name it. Its position has the hash of its network (/24 or /48) in front and the
 * beginning of its id behind, as in BEP 42: whoever wants to stand near a target needs addresses
 * there, and drawing keys gains nothing. On private networks, where addresses prove nothing, the id
 * alone decides.
 *
 * @param nodeId 32 hex digits
 * @param position where it stands; follows from the other two
 */
public record Contact(String nodeId, Endpoint endpoint, Point position) {
  private static final String PURPOSE = "banyan position 1";

  /** The contact of a node at an address. */
  public static Contact of(String nodeId, Endpoint endpoint) {
    return new Contact(nodeId, endpoint, position(nodeId, endpoint));
  }

  private static Point position(String nodeId, Endpoint endpoint) {
    Point id = Point.of(nodeId);
    if (!endpoint.isPublic()) {
      return id;
    }
    byte[] network = ByteBuffer.allocate(8).putLong(endpoint.network()).array();
    long hash = ByteBuffer.wrap(Sha256.of(PURPOSE, network)).getInt() & 0xffff_ffffL;
    return new Point(hash << 32 | id.high() >>> 32, id.high() << 32 | id.low() >>> 32);
  }
}
