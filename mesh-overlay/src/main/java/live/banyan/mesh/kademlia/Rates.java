package live.banyan.mesh.kademlia;

import live.banyan.mesh.wire.Endpoint;

/**
 * What one network may ask of this node. A table of fixed size: networks whose hashes meet share a
 * place, so any number of addresses takes no more memory.
 */
final class Rates {
  private static final int PLACES = 4_096;
  private static final long SECOND_NS = 1_000_000_000L;

  private final double perSecond;
  private final double burst;
  private final double[] spent = new double[PLACES];
  private final long[] atNs = new long[PLACES];
  private final long salt;

  Rates(double perSecond, double burst, long salt) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.salt = salt;
  }

  boolean admits(Endpoint endpoint, long nowNs) {
    long mixed = (endpoint.network() ^ salt) * 0x9e3779b97f4a7c15L;
    int place = (int) (mixed >>> 52);
    double recovered = (nowNs - atNs[place]) * perSecond / SECOND_NS;
    spent[place] = Math.max(0, spent[place] - recovered);
    atNs[place] = nowNs;
    if (spent[place] + 1 > burst) {
      return false;
    }
    spent[place]++;
    return true;
  }
}
