package live.banyan.mesh.wire;

/** What bytes from another node turned out to be. */
public sealed interface Decoded permits TreeMessage, Decoded.Malformed {

  /** Not a message that this version understands. */
  record Malformed(String sentence) implements Decoded {}
}
