package live.banyan.sfu.media;

import org.jspecify.annotations.Nullable;

/**
 * Which layer a viewer ought to get: the highest that flows and that its cap allows. The cap is
 * where a bitrate allocator will have its say.
 */
final class LayerSelector {
  /** A layer without a packet for this long does not flow. */
  static final long FLOWING_NS = 1_000_000_000L;

  /**
   * A layer that is silent for this long while a lower one goes on has stopped: all layers come
   * from the same frames, and 0.4 s is six of them at 15 a second.
   */
  static final long OUTRUN_NS = 400_000_000L;

  private int highestAllowed = Integer.MAX_VALUE;

  /** Keeps the viewer at or below a layer. */
  void allowUpTo(int layerIndex) {
    highestAllowed = layerIndex;
  }

  /** The layer to be on; {@code current} where nothing better flows. */
  @Nullable Layer target(Track track, @Nullable Layer current, long nowNs) {
    for (int i = Math.min(track.layerCount() - 1, highestAllowed); i >= 0; i--) {
      Layer layer = track.layer(i);
      if (layer.flowing(nowNs, FLOWING_NS) && !outrun(track, layer)) {
        return layer;
      }
    }
    return current;
  }

  private static boolean outrun(Track track, Layer layer) {
    for (int i = layer.index() - 1; i >= 0; i--) {
      if (track.layer(i).flowedSinceNs(layer.lastArrivalNs()) > OUTRUN_NS) {
        return true;
      }
    }
    return false;
  }

  /** The highest layer with a keyframe to start from, or null. */
  @Nullable Layer startable(Track track, long nowNs, long ageNs) {
    for (int i = Math.min(track.layerCount() - 1, highestAllowed); i >= 0; i--) {
      Layer layer = track.layer(i);
      if (layer.startable(nowNs, ageNs)) {
        return layer;
      }
    }
    return null;
  }
}
