package live.banyan.sfu.media;

import org.jspecify.annotations.Nullable;

/**
 * Which rung a viewer ought to get: the highest that flows and that its budget and its cap allow,
 * the lowest that flows where the budget allows none. Slow to rise after a fall, so that a path
 * between two rungs does not swing between them; slower to another encoding, which costs a
 * keyframe, and slower each time that one turned out to be too much. Not thread safe.
 */
final class LayerSelector {
  /** A layer is kept while the budget has this share of its rate: estimates swing. */
  private static final double KEEP = 0.9;

  /** Below this share there is no waiting. */
  private static final double AT_ONCE = 0.7;

  private static final double RISE = 1.1;
  private static final long FALL_AFTER_NS = 300_000_000L;
  private static final long RISE_AFTER_FALL_NS = 4_000_000_000L;

  /** The path has borne another encoding for so long before it is entered. */
  private static final long LARGER_AFTER_NS = 1_000_000_000L;

  private static final long LARGER_AFTER_FALL_MAX_NS = 30_000_000_000L;

  /** What is left again so soon was too much. */
  private static final long KEPT_NS = 15_000_000_000L;

  /** What to want of the path before a layer is within reach. */
  private static final double WANT = 1.25;

  private int highestAllowed = Integer.MAX_VALUE;
  private int spatialAllowed = Integer.MAX_VALUE;
  private int temporalAllowed = Integer.MAX_VALUE;
  private boolean watched = true;
  private long budgetBps = Long.MAX_VALUE;
  private int affordable = Integer.MAX_VALUE;
  private long shortSinceNs = Long.MIN_VALUE;
  private long fellNs = Long.MIN_VALUE;
  private long largerSinceNs = Long.MIN_VALUE;
  private long largerAfterNs = RISE_AFTER_FALL_NS;
  private long shrankNs = Long.MIN_VALUE;
  private long grewNs = Long.MIN_VALUE;

  // Of the rung that target() chose last.
  private int place = TargetGrid.BEST;

  /** Keeps the viewer at or below an encoding, and at or below layers inside of it. */
  void allowUpTo(int layerIndex, int spatialLayer, int temporalLayer) {
    highestAllowed = layerIndex;
    spatialAllowed = spatialLayer;
    temporalAllowed = temporalLayer;
  }

  /** Whether somebody looks; else the lowest will do, whatever the budget allows. */
  void watch(boolean seen) {
    watched = seen;
  }

  private boolean allows(Rungs rungs, int rung) {
    return (watched || rung == 0)
        && rungs.layer(rung).index() <= highestAllowed
        && rungs.within(rung, spatialAllowed, temporalAllowed);
  }

  private boolean serves(Rungs rungs, int rung, long nowNs) {
    return allows(rungs, rung) && rungs.flows(rung, nowNs);
  }

  /**
   * Gives the viewer a part of what its path bears.
   *
   * @param bps Long.MAX_VALUE where nothing is known
   * @return what it will take of it, in bit/s
   */
  long budget(Track track, long bps, long nowNs) {
    budgetBps = bps;
    Rungs rungs = track.rungs();
    int top = top(rungs, nowNs);
    if (top < 0) {
      return 0;
    }
    if (bps == Long.MAX_VALUE) {
      affordable = Integer.MAX_VALUE;
      return rungs.bitrateBps(top, temporalAllowed, nowNs);
    }
    int now = Math.min(affordable, top);
    int fits = highestWithin(rungs, top, bps / RISE, nowNs);
    if (fits >= now) {
      shortSinceNs = Long.MIN_VALUE;
      now = rise(rungs, now, fits, nowNs);
    } else {
      largerSinceNs = Long.MIN_VALUE;
      now = fall(rungs, now, nowNs);
    }
    affordable = now;
    return rungs.bitrateBps(Math.min(now, top), temporalAllowed, nowNs);
  }

  private int rise(Rungs rungs, int now, int fits, long nowNs) {
    int within = fits;
    while (within > now && rungs.layer(within) != rungs.layer(now)) {
      within--;
    }
    if (within == fits) {
      largerSinceNs = Long.MIN_VALUE;
    } else if (largerSinceNs == Long.MIN_VALUE) {
      largerSinceNs = nowNs;
    }
    if (fellNs != Long.MIN_VALUE && nowNs - fellNs < RISE_AFTER_FALL_NS) {
      return now;
    }
    boolean waits =
        shrankNs != Long.MIN_VALUE
            && (nowNs - largerSinceNs < LARGER_AFTER_NS || nowNs - shrankNs < largerAfterNs);
    if (within == fits || waits) {
      return within;
    }
    largerSinceNs = Long.MIN_VALUE;
    grewNs = nowNs;
    return fits;
  }

  private int fall(Rungs rungs, int now, long nowNs) {
    long rate = rungs.bitrateBps(now, temporalAllowed, nowNs);
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
    int lower = highestWithin(rungs, now, budgetBps, nowNs);
    // A first guess below the best layer is no fall.
    if (lower < now && affordable != Integer.MAX_VALUE) {
      fellNs = nowNs;
      if (rungs.layer(lower) != rungs.layer(now)) {
        shrankNs = nowNs;
        boolean tooMuch = grewNs != Long.MIN_VALUE && nowNs - grewNs < KEPT_NS;
        largerAfterNs =
            tooMuch ? Math.min(2 * largerAfterNs, LARGER_AFTER_FALL_MAX_NS) : RISE_AFTER_FALL_NS;
      }
    }
    return lower;
  }

  /** The highest flowing layer up to {@code top} within a rate; else the lowest that flows. */
  private int highestWithin(Rungs rungs, int top, double bps, long nowNs) {
    int lowest = top;
    for (int i = top; i >= 0; i--) {
      if (serves(rungs, i, nowNs)) {
        if (rungs.bitrateBps(i, temporalAllowed, nowNs) <= bps) {
          return i;
        }
        lowest = i;
      }
    }
    return lowest;
  }

  /** The highest layer that flows and is allowed, or -1. */
  private int top(Rungs rungs, long nowNs) {
    for (int i = rungs.count() - 1; i >= 0; i--) {
      if (serves(rungs, i, nowNs)) {
        return i;
      }
    }
    return -1;
  }

  /** The least that this viewer takes while anything flows: the lowest layer. */
  long leastBps(Track track, long nowNs) {
    Rungs rungs = track.rungs();
    if (rungs.encodings() > 1 && !rungs.flows(0, nowNs)) {
      return rungs.expectedBps(0, nowNs); // it comes when it is wanted
    }
    for (int i = 0; i < rungs.count(); i++) {
      if (rungs.flows(i, nowNs)) {
        return rungs.bitrateBps(i, temporalAllowed, nowNs);
      }
    }
    return 0;
  }

  /**
   * What the path had to bear for the next layer to be within reach, or for this one to be safe.
   */
  long wantedBps(Track track, long nowNs) {
    Rungs rungs = track.rungs();
    int top = top(rungs, nowNs);
    if (top < 0) {
      return 0;
    }
    int next = Math.min(affordable, top);
    do {
      next++;
    } while (next < top && !serves(rungs, next, nowNs));
    long wanted = rungs.bitrateBps(Math.min(next, top), temporalAllowed, nowNs);
    int above = rungs.layer(top).index() + 1;
    if (next > top && watched && above <= highestAllowed && rungs.rests(above)) {
      wanted = Math.max(wanted, rungs.expectedBps(above, nowNs));
    }
    return (long) (wanted * WANT);
  }

  /**
   * The encodings that this viewer needs to arrive, whether they do now or not: the one that it is
   * on, the one that its budget and its cap have it go for, and until that arrives whatever may
   * stand in for it.
   *
   * @return a bit for each, the lowest encoding's first
   */
  int needed(Track track, @Nullable Layer current, long nowNs) {
    Rungs rungs = track.rungs();
    int goal = goal(rungs, nowNs);
    int needed = 1 << goal;
    int from = 0;
    if (current != null) {
      needed |= 1 << current.index();
      from = rungs.arrives(current.index(), nowNs) ? Math.min(goal, current.index()) : 0;
    }
    if (!rungs.arrives(goal, nowNs)) {
      needed |= (1 << goal) - (1 << from);
    }
    return needed;
  }

  /** The encoding to go for, were all of them there. */
  private int goal(Rungs rungs, long nowNs) {
    int highest = watched ? Math.min(rungs.encodings() - 1, highestAllowed) : 0;
    if (budgetBps == Long.MAX_VALUE) {
      return highest;
    }
    int top = top(rungs, nowNs);
    int now = top < 0 ? -1 : rungs.layer(Math.min(affordable, top)).index();
    if (now >= 0 && rungs.expectedBps(now, nowNs) * KEEP > budgetBps) {
      return within(rungs, now - 1, budgetBps, nowNs);
    }
    boolean mayRise = fellNs == Long.MIN_VALUE || nowNs - fellNs >= RISE_AFTER_FALL_NS;
    if (now >= 0 && !mayRise) {
      return now;
    }
    int next = highest;
    while (next > now
        && (rungs.arrives(next, nowNs) || rungs.expectedBps(next, nowNs) > budgetBps / RISE)) {
      next--; // of those that arrive, the budget decides
    }
    return Math.max(0, next);
  }

  private static int within(Rungs rungs, int highest, long bps, long nowNs) {
    int next = highest;
    while (next > 0 && rungs.expectedBps(next, nowNs) > bps) {
      next--;
    }
    return Math.max(0, next);
  }

  /** Whether a better layer flows than the budget allows. */
  boolean limited(Track track, long nowNs) {
    return affordable < top(track.rungs(), nowNs);
  }

  /**
   * The encoding to be on, and {@link #place} within; {@code current} where nothing better flows.
   */
  @Nullable Layer target(Track track, @Nullable Layer current, long nowNs) {
    Rungs rungs = track.rungs();
    int highest = Math.min(rungs.count() - 1, affordable);
    for (int i = highest; i >= 0; i--) {
      if (serves(rungs, i, nowNs)) {
        place = rungs.place(i, temporalAllowed);
        return rungs.layer(i);
      }
    }
    for (int i = highest + 1; i < rungs.count(); i++) {
      if (serves(rungs, i, nowNs)) {
        place = rungs.place(i, temporalAllowed);
        return rungs.layer(i);
      }
    }
    return current;
  }

  /** The decode target, within the encoding that {@link #target} found last. */
  int place() {
    return place;
  }

  /** The highest encoding with a keyframe to start from, or null. */
  @Nullable Layer startable(Track track, long nowNs, long ageNs) {
    Rungs rungs = track.rungs();
    int highest = Math.min(rungs.count() - 1, affordable);
    for (int i = highest; i >= 0; i--) {
      if (rungs.layer(i).index() <= highestAllowed && rungs.layer(i).startable(nowNs, ageNs)) {
        return rungs.layer(i);
      }
    }
    for (int i = highest + 1; i < rungs.count(); i++) {
      // Where no lower one flows, it is this or nothing.
      if (serves(rungs, i, nowNs)) {
        return rungs.layer(i).startable(nowNs, ageNs) ? rungs.layer(i) : null;
      }
    }
    return null;
  }
}
