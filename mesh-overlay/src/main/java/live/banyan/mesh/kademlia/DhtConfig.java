package live.banyan.mesh.kademlia;

/**
 * What can be set.
 *
 * @param paths that a lookup takes, 4 to 8
 * @param replicas nodes that keep a record
 * @param perSecond questions that one network (/24, /48) may ask, and {@code burst} at once
 * @param wallOffsetMs what the wall clock shows, in milliseconds since 1970, when {@code nowNs} is
 *     0
 */
public record DhtConfig(
    int paths, int replicas, double perSecond, double burst, long wallOffsetMs) {
  /**
   * What wire version 1 recommends. Where each liar may choose among eight networks, three of four
   * nodes around a target lie; among 16 nodes there is then none that is honest once in a hundred
   * times, among 32 once in five thousand.
   */
  public static DhtConfig standard(long wallOffsetMs) {
    return new DhtConfig(8, 32, 100, 300, wallOffsetMs);
  }

  long wallMs(long nowNs) {
    return wallOffsetMs + Math.floorDiv(nowNs, Kademlia.MS);
  }
}
