package live.banyan.sfu.media;

import java.util.Arrays;

/**
 * Which encodings of a track its subscribers need: taken up at once, given up only after {@value
 * #HOLD_MS} ms without need, since to begin a layer again costs a keyframe. What children need they
 * have held already. Moved by its caller's clock; not thread safe.
 */
public final class LayerDemand {
  static final long HOLD_MS = 2_000;
  private static final long HOLD_NS = HOLD_MS * 1_000_000;

  private final Track track;
  private final long[] neededNs;

  /** Begins with all encodings in need, so that the first viewer need not wait for any. */
  public LayerDemand(Track track, long nowNs) {
    this.track = track;
    neededNs = new long[track.layerCount()];
    Arrays.fill(neededNs, nowNs);
  }

  /**
   * Asks the subscribers.
   *
   * @return a bit for each encoding that is needed, the lowest one's first
   */
  public int review(long nowNs) {
    int byViewers = 0;
    int byChildren = 0;
    for (int i = 0; i < track.subscriptionCount(); i++) {
      Subscription subscription = track.subscription(i);
      int needed = subscription.needed(track, nowNs);
      byViewers |= subscription instanceof ViewerSubscription ? needed : 0;
      byChildren |= subscription instanceof ViewerSubscription ? 0 : needed;
    }
    int needed = byChildren;
    for (int i = 0; i < neededNs.length; i++) {
      track.layer(i).remember(nowNs);
      if ((byViewers >> i & 1) != 0) {
        neededNs[i] = nowNs;
      }
      needed |= nowNs - neededNs[i] < HOLD_NS ? 1 << i : 0;
    }
    return needed;
  }
}
