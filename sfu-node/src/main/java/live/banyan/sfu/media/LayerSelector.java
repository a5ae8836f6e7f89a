package live.banyan.sfu.media;

import org.jspecify.annotations.Nullable;

/**
 * Which layer a viewer ought to get: the highest that flows and that its budget and its cap allow,
 * the lowest that flows where the budget allows none. Slow to rise after a fall, so that a path
 * between two layers does not swing between them. Not thread safe.
 */
final class LayerSelector {
  /** A layer without a packet for this long does not flow. */
  static final long FLOWING_NS = 1_000_000_000L;

  /**
   * A layer that is silent for this long while a lower one goes on has stopped: all layers come
   * from the same frames, and 0.4 s is six of them at 15 a second.
   */
  static final long OUTRUN_NS = 400_000_000L;

  /** A layer is kept while the budget has this share of its rate: estimates swing. */
  private static final double KEEP = 0.9;

  /** Below this share there is no waiting. */
  private static final double AT_ONCE = 0.7;

  private static final double RISE = 1.1;
  private static final long FALL_AFTER_NS = 300_000_000L;
  private static final long RISE_AFTER_FALL_NS = 4_000_000_000L;

  /** What to want of the path before a layer is within reach. */
  private static final double WANT = 1.25;

  private int highestAllowed = Integer.MAX_VALUE;
  private long budgetBps = Long.MAX_VALUE;
  private int affordable = Integer.MAX_VALUE;
  private long shortSinceNs = Long.MIN_VALUE;
  private long fellNs = Long.MIN_VALUE;

  /** Keeps the viewer at or below a layer. */
  void allowUpTo(int layerIndex) {
    highestAllowed = layerIndex;
  }

  /**
   * Gives the viewer a part of what its path bears.
   *
   * @param bps Long.MAX_VALUE where nothing is known
   * @return what it will take of it, in bit/s
   */
  long budget(Track track, long bps, long nowNs) {
    budgetBps = bps;
    int top = top(track, nowNs);
    if (top < 0) {
      return 0;
    }
    if (bps == Long.MAX_VALUE) {
      affordable = Integer.MAX_VALUE;
      return track.layer(top).bitrateBps(nowNs);
    }
    int now = Math.min(affordable, top);
    int fits = highestWithin(track, top, bps / RISE, nowNs);
    if (fits >= now) {
      shortSinceNs = Long.MIN_VALUE;
      boolean mayRise = fellNs == Long.MIN_VALUE || nowNs - fellNs >= RISE_AFTER_FALL_NS;
      now = mayRise ? fits : now;
    } else {
      now = fall(track, now, nowNs);
    }
    affordable = now;
    return track.layer(Math.min(now, top)).bitrateBps(nowNs);
  }

  private int fall(Track track, int now, long nowNs) {
    long rate = track.layer(now).bitrateBps(nowNs);
    if (budgetBps >= rate * KEEP) {
      shortSinceNs = Long.MIN_VALUE;
      return now;
    }
    if (shortSinceNs == Long.MIN_VALUE) {
      shortSinceNs = nowNs;
    }
    if (budgetBps >= rate * AT_ONCE && nowNs - shortSinceNs < FALL_AFTER_NS) {
      return now;
    }
    shortSinceNs = Long.MIN_VALUE;
    int lower = highestWithin(track, now, budgetBps, nowNs);
    // A first guess below the best layer is no fall.
    if (lower < now && affordable != Integer.MAX_VALUE) {
      fellNs = nowNs;
    }
    return lower;
  }

  private static boolean flows(Layer layer, long nowNs) {
    return layer.flowing(nowNs, FLOWING_NS) && !outrun(layer.track(), layer);
  }

  private static boolean outrun(Track track, Layer layer) {
    for (int i = layer.index() - 1; i >= 0; i--) {
      if (track.layer(i).flowedSinceNs(layer.lastArrivalNs()) > OUTRUN_NS) {
        return true;
      }
    }
    return false;
  }

  /** The highest flowing layer up to {@code top} within a rate; else the lowest that flows. */
  private static int highestWithin(Track track, int top, double bps, long nowNs) {
    int lowest = top;
    for (int i = top; i >= 0; i--) {
      Layer layer = track.layer(i);
      if (flows(layer, nowNs)) {
        if (layer.bitrateBps(nowNs) <= bps) {
          return i;
        }
        lowest = i;
      }
    }
    return lowest;
  }

  /** The highest layer that flows and is allowed, or -1. */
  private int top(Track track, long nowNs) {
    for (int i = Math.min(track.layerCount() - 1, highestAllowed); i >= 0; i--) {
      if (flows(track.layer(i), nowNs)) {
        return i;
      }
    }
    return -1;
  }

  /** The least that this viewer takes while anything flows: the lowest layer. */
  long leastBps(Track track, long nowNs) {
    for (int i = 0; i < track.layerCount(); i++) {
      if (flows(track.layer(i), nowNs)) {
        return track.layer(i).bitrateBps(nowNs);
      }
    }
    return 0;
  }

  /**
   * What the path had to bear for the next layer to be within reach, or for this one to be safe.
   */
  long wantedBps(Track track, long nowNs) {
    int top = top(track, nowNs);
    if (top < 0) {
      return 0;
    }
    int next = Math.min(affordable, top);
    do {
      next++;
    } while (next < top && !flows(track.layer(next), nowNs));
    return (long) (track.layer(Math.min(next, top)).bitrateBps(nowNs) * WANT);
  }

  /** Whether a better layer flows than the budget allows. */
  boolean limited(Track track, long nowNs) {
    return affordable < top(track, nowNs);
  }

  /** The layer to be on; {@code current} where nothing better flows. */
  @Nullable Layer target(Track track, @Nullable Layer current, long nowNs) {
    int highest = Math.min(Math.min(track.layerCount() - 1, highestAllowed), affordable);
    for (int i = highest; i >= 0; i--) {
      Layer layer = track.layer(i);
      if (flows(layer, nowNs)) {
        return layer;
      }
    }
    for (int i = highest + 1; i <= Math.min(track.layerCount() - 1, highestAllowed); i++) {
      Layer layer = track.layer(i);
      if (flows(layer, nowNs)) {
        return layer;
      }
    }
    return current;
  }

  /** The highest layer with a keyframe to start from, or null. */
  @Nullable Layer startable(Track track, long nowNs, long ageNs) {
    int highest = Math.min(Math.min(track.layerCount() - 1, highestAllowed), affordable);
    for (int i = highest; i >= 0; i--) {
      Layer layer = track.layer(i);
      if (layer.startable(nowNs, ageNs)) {
        return layer;
      }
    }
    return null;
  }
}
