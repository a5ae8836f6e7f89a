package live.banyan.sfu.media;

/**
 * Whether somebody speaks in one sound, from the levels of its packets (RFC 6464) alone: nothing is
 * decoded. Levels are counted above the sound's own noise floor over three lengths of time, as in
 * Volfin and Cohen, "Dominant speaker identification for multipoint videoconferencing", 2013, with
 * steps of loudness in place of their bands of frequency. Moved by arrivals; not thread safe.
 */
public final class SpeechActivity {
  /** Level of a sound that tells none, in dBov. */
  public static final int SILENCE_DBOV = -127;

  static final int STEPS = 13;
  static final int MEDIUM = 5;
  static final int LONG = 10;
  private static final int SLOTS = MEDIUM * LONG;
  private static final long SLOT_NS = 20_000_000;

  /** Packets of up to 60 ms leave no slot empty; longer gaps are silence (DTX). */
  private static final long GAP_NS = 80_000_000;

  private static final int STEP_DB = 4;

  /** This far above the floor is sound: 16 dB. */
  private static final int ACTIVE_STEPS = 4;

  /** Whatever is louder than -29 dBov is sound, though it never pauses. */
  private static final int FLOOR_MAX = 127 - 45;

  private static final long FLOOR_RISE_NS = 1_000_000_000;

  /** A fifth of a second with half of it sound begins speech; a second with almost none ends it. */
  private static final int BEGIN_SLOTS = 10;

  private static final int BEGIN_ACTIVE = 5;
  private static final int END_ACTIVE = 3;

  private final byte[] steps = new byte[SLOTS];
  private int next;
  private long lastNs = Long.MIN_VALUE;
  private int floor = FLOOR_MAX;
  private long floorNs;
  private double loudness;
  private boolean speaking;

  /**
   * Takes in a packet's level.
   *
   * @param level in -dBov, 0 (loudest) to 127 (silence)
   */
  void add(int level, long nowNs) {
    if (lastNs == Long.MIN_VALUE) {
      floorNs = nowNs;
    } else {
      pass(nowNs);
    }
    lastNs = nowNs;
    int loud = 127 - level;
    follow(loud, nowNs);
    loudness += (loud - loudness) / 8;
    put(Math.clamp((loud - floor) / STEP_DB, 0, STEPS));
  }

  /** Fills a gap with silence. */
  private void pass(long nowNs) {
    if (nowNs - lastNs < GAP_NS) {
      return;
    }
    long empty = Math.min(SLOTS, (nowNs - lastNs) / SLOT_NS - 1);
    for (int i = 0; i < empty; i++) {
      loudness -= loudness / 8;
      put(0);
    }
    lastNs = nowNs;
  }

  private void follow(int loud, long nowNs) {
    if (loud < floor) {
      floor = loud;
      floorNs = nowNs;
    } else if (nowNs - floorNs >= FLOOR_RISE_NS) {
      floor = Math.min(floor + 1, FLOOR_MAX);
      floorNs = nowNs;
    }
  }

  private void put(int step) {
    steps[next] = (byte) step;
    next = (next + 1) % SLOTS;
    if (!speaking) {
      speaking = active(BEGIN_SLOTS) >= BEGIN_ACTIVE;
    } else {
      speaking = active(SLOTS) >= END_ACTIVE;
    }
  }

  private int active(int slots) {
    int count = 0;
    for (int i = 1; i <= slots; i++) {
      count += steps[(next - i + SLOTS) % SLOTS] >= ACTIVE_STEPS ? 1 : 0;
    }
    return count;
  }

  /** Whether levels have come at all. */
  public boolean known() {
    return lastNs != Long.MIN_VALUE;
  }

  /** Whether somebody speaks now. */
  public boolean speaking(long nowNs) {
    if (known()) {
      pass(nowNs);
    }
    return speaking;
  }

  /** Loudness over about an eighth of a second, -127 to 0 dBov. */
  public int levelDbov(long nowNs) {
    if (known()) {
      pass(nowNs);
    }
    return (int) Math.round(loudness) - 127;
  }

  /** How much the last packet looks like speech; {@link #medium} and {@link #lasting} likewise. */
  double immediate() {
    return score(steps[(next - 1 + SLOTS) % SLOTS], STEPS, 0.5, 0.78);
  }

  /** Over a tenth of a second. */
  double medium() {
    return score(active(MEDIUM), MEDIUM, 0.5, 24);
  }

  /** Over a second. */
  double lasting() {
    int blocks = 0;
    for (int block = 0; block < LONG; block++) {
      int count = 0;
      for (int i = 1; i <= MEDIUM; i++) {
        int at = (next - block * MEDIUM - i + 2 * SLOTS) % SLOTS;
        count += steps[at] >= ACTIVE_STEPS ? 1 : 0;
      }
      blocks += count > MEDIUM / 2 ? 1 : 0;
    }
    return score(blocks, LONG, 0.5, 47);
  }

  /**
   * The log likelihood of speech, binomial in the active parts, against that of silence,
   * exponential in them (Volfin and Cohen, equation 9); at least a little above 0.
   */
  private static double score(int active, int parts, double p, double lambda) {
    double ways = 0;
    for (int i = 1; i <= active; i++) {
      ways += Math.log((parts - active + i) / (double) i);
    }
    double speech = ways + active * Math.log(p) + (parts - active) * Math.log(1 - p);
    return Math.max(1e-10, speech - Math.log(lambda) + lambda * active);
  }
}
