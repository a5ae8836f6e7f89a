package live.banyan.mesh.policy;

/**
 * Somebody who would be sent a stream.
 *
 * @param id names the place that it takes; unique among those that are held
 * @param stream {@code channel/name}, or a name inside a site
 * @param network who asks: a /24 or /48, see {@link NetworkPrefix}; 0 while it is not known
 * @param bitsPerSecond that it will be sent
 */
public record Ask(String id, String stream, long network, long bitsPerSecond) {
  public Ask {
    if (bitsPerSecond <= 0) {
      throw new IllegalArgumentException("a stream of " + bitsPerSecond + " bit/s");
    }
  }

  /** The channel of the stream; the name itself inside a site. */
  public String channel() {
    int slash = stream.indexOf('/');
    return slash < 0 ? stream : stream.substring(0, slash);
  }
}
