package live.banyan.mesh.sim;

import java.util.SplittableRandom;

/**
 * What a node's uplink bears. Two thirds bear nothing.
 *
 * @param uplink in bitrates of the stream
 * @param slots at 80% of the uplink
 */
record Capacity(double uplink, int slots) {
  private static final int[] SLOTS = {0, 1, 2, 4, 8, 16, 32};
  private static final double[] SHARES = {0.66, 0.10, 0.11, 0.08, 0.032, 0.012, 0.006};
  private static final double USABLE_SHARE = 0.8;

  static Capacity of(int slots, SplittableRandom random) {
    return new Capacity((slots + random.nextDouble()) / USABLE_SHARE, slots);
  }

  private static Capacity draw(SplittableRandom random) {
    double at = random.nextDouble();
    int kind = 0;
    while (kind < SLOTS.length - 1 && at >= SHARES[kind]) {
      at -= SHARES[kind];
      kind++;
    }
    return of(SLOTS[kind], random);
  }

  /**
   * Draws so that usable places keep step with 1.1 times those that want one: in the long run the
   * shares come to that, and nobody shall fail to join for a run of bad luck at the beginning.
   *
   * @param places usable ones of those who are there
   * @param demand how many want one
   */
  static Capacity keepingStep(double places, int demand, SplittableRandom random) {
    double ahead = places - SCARCITY * demand;
    for (int i = 0; i < TRIES; i++) {
      Capacity drawn = draw(random);
      if (ahead < 0 ? drawn.slots > 0 : ahead < AHEAD_MAX || drawn.slots == 0) {
        return drawn;
      }
    }
    return of(0, random);
  }

  /** Places that are not kept for failures. */
  int usable() {
    return slots - slots / 5;
  }

  private static final double SCARCITY = 1.1;
  private static final int AHEAD_MAX = 24;
  private static final int TRIES = 100;
}
