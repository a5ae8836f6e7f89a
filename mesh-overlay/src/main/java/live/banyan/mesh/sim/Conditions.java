package live.banyan.mesh.sim;

/**
 * What the network does to every datagram beyond its distance.
 *
 * @param loss share of datagrams that do not arrive, 0 to 1
 * @param jitterNs greatest extra delay in either direction: arrivals spread over twice this
 * @param duplicates share of control datagrams that arrive twice
 */
record Conditions(double loss, long jitterNs, double duplicates) {
  private static final long MS = 1_000_000L;

  /** A good day. */
  static final Conditions FAIR = new Conditions(0.002, 3 * MS, 0);

  /** 2% loss, 30 ms of jitter, duplicates; what overtakes what is the jitter's doing. */
  static final Conditions ROUGH = new Conditions(0.02, 30 * MS, 0.01);
}
