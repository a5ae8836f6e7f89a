package live.banyan.sfu.media;

import org.jspecify.annotations.Nullable;

/**
 * Which layer a viewer ought to get: the highest that flows and that its cap allows. The cap is
 * where a bitrate allocator will have its say.
 */
final class LayerSelector {
  /** A layer without a packet for this long does not flow. */
  static final long FLOWING_NS = 1_000_000_000L;

  private int highestAllowed = Integer.MAX_VALUE;

  /** Keeps the viewer at or below a layer. */
  void allowUpTo(int layerIndex) {
    highestAllowed = layerIndex;
  }

  /** The layer to be on; {@code current} where nothing better flows. */
  @Nullable Layer target(Track track, @Nullable Layer current, long nowNs) {
    for (int i = Math.min(track.layerCount() - 1, highestAllowed); i >= 0; i--) {
      Layer layer = track.layer(i);
      if (layer.flowing(nowNs, FLOWING_NS)) {
        return layer;
      }
    }
    return current;
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
