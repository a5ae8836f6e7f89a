package live.banyan.sfu.media;

/**
 * The steps of quality that a track offers, lowest first: its encodings, and of an encoding with
 * layers the decode targets that make good steps. Half the frames are left out rather than half the
 * size; a quarter of the frames is for the smallest picture only. Not thread safe.
 */
final class Rungs {
  /** A layer without a packet for this long does not flow. */
  static final long FLOWING_NS = 1_000_000_000L;

  /**
   * A layer that is silent for this long while a lower one goes on has stopped: all layers come
   * from the same frames, and 0.4 s is six of them at 15 a second.
   */
  static final long OUTRUN_NS = 400_000_000L;

  private final Layer[] layers;
  private final int[] layerOf;
  private final int[] placeOf;
  private int count;

  Rungs(Layer[] layers) {
    this.layers = layers;
    layerOf = new int[layers.length * TargetGrid.PLACES];
    placeOf = new int[layers.length * TargetGrid.PLACES];
    rebuild();
  }

  /** An encoding has shown other targets than before. */
  void rebuild() {
    count = 0;
    for (int i = 0; i < layers.length; i++) {
      Scalability inside = layers[i].scalability();
      int known = inside == null ? 0 : inside.grid().known();
      if (known == 0) {
        add(i, TargetGrid.BEST);
      }
      for (int place = 0; place < TargetGrid.PLACES; place++) {
        boolean lowest = i == 0 && TargetGrid.spatial(place) == 0;
        boolean step = lowest || TargetGrid.temporal(place) > 0 || !has(known, place + 1);
        if (has(known, place) && step) {
          add(i, place);
        }
      }
    }
  }

  private static boolean has(int places, int place) {
    return (places >> place & 1) != 0;
  }

  private void add(int layer, int place) {
    layerOf[count] = layer;
    placeOf[count] = place;
    count++;
  }

  int count() {
    return count;
  }

  Layer layer(int rung) {
    return layers[layerOf[rung]];
  }

  /** The decode target within the layer; {@link TargetGrid#BEST} of one without. */
  int place(int rung) {
    return placeOf[rung];
  }

  /** What arrives of it, in bit/s of payload. */
  long bitrateBps(int rung, long nowNs) {
    Layer layer = layer(rung);
    Scalability inside = layer.scalability();
    return inside == null || inside.grid().known() == 0
        ? layer.bitrateBps(nowNs)
        : inside.bitrateBps(placeOf[rung], nowNs);
  }

  /** Whether packets of it come. */
  boolean flows(int rung, long nowNs) {
    Layer layer = layer(rung);
    if (!layer.flowing(nowNs, FLOWING_NS) || outrun(layer)) {
      return false;
    }
    Scalability inside = layer.scalability();
    return inside == null || inside.flows(TargetGrid.spatial(placeOf[rung]), nowNs);
  }

  private boolean outrun(Layer layer) {
    for (int i = layer.index() - 1; i >= 0; i--) {
      if (layers[i].flowedSinceNs(layer.lastArrivalNs()) > OUTRUN_NS) {
        return true;
      }
    }
    return false;
  }
}
