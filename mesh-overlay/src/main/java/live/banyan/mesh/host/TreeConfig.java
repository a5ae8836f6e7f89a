package live.banyan.mesh.host;

/**
 * How a node takes part in relay trees.
 *
 * @param maxChildren relays that it serves at once, over all streams; 0 for none
 * @param warmLinks links kept up to other nodes of the site without need, so that a join or a
 *     failover waits for no handshake; 0 to {@value #WARM_LINKS_MAX}
 */
public record TreeConfig(int maxChildren, int warmLinks) {
  /** Each costs a keep-alive a second and some 20 KB. */
  public static final int WARM_LINKS_MAX = 8;

  public TreeConfig {
    if (maxChildren < 0) {
      throw new IllegalArgumentException("max-children must not be negative");
    }
    if (warmLinks < 0 || warmLinks > WARM_LINKS_MAX) {
      throw new IllegalArgumentException("warm-links must be 0 to " + WARM_LINKS_MAX);
    }
  }
}
