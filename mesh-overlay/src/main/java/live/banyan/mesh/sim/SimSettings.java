package live.banyan.mesh.sim;

/**
 * One run.
 *
 * @param nodes that watch at the same time, 10 to 1,000,000
 * @param seconds of virtual time, 30 to 86,400
 * @param seed decides everything that is left to chance
 */
public record SimSettings(int nodes, int seconds, long seed, Scenario scenario) {
  public SimSettings {
    if (nodes < 10 || nodes > 1_000_000) {
      throw new IllegalArgumentException("nodes must be 10 to 1000000, not " + nodes);
    }
    if (seconds < 30 || seconds > 86_400) {
      throw new IllegalArgumentException("seconds must be 30 to 86400, not " + seconds);
    }
  }
}
