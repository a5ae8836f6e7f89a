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

  /**
   * A lower one that begins only then has to come for this long: what was held up comes at once.
   */
  private static final long STAND_IN_NS = 100_000_000L;

  /**
   * An encoding that is silent for this long may have stopped: a change of parents takes less.
   * Others are called for then; that it has is decided later.
   */
  private static final long SILENT_NS = 300_000_000L;

  /** Twice the width and height take so much more, as encoders share bits out. */
  private static final int GROWTH = 3;

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

  /**
   * The decode target within the layer; {@link TargetGrid#BEST} of one without.
   *
   * @param temporal the highest temporal layer that may be in it
   */
  int place(int rung, int temporal) {
    int place = placeOf[rung];
    return place == TargetGrid.BEST
        ? place
        : TargetGrid.place(
            TargetGrid.spatial(place), Math.min(temporal, TargetGrid.temporal(place)));
  }

  /** Whether it is for a viewer of at most these layers: of a size that has no less, with less. */
  boolean within(int rung, int spatial, int temporal) {
    int place = placeOf[rung];
    return place == TargetGrid.BEST
        || TargetGrid.spatial(place) <= spatial
            && (TargetGrid.temporal(place) <= temporal || isLeastOfSize(rung));
  }

  private boolean isLeastOfSize(int rung) {
    return rung == 0
        || layerOf[rung - 1] != layerOf[rung]
        || TargetGrid.spatial(placeOf[rung - 1]) != TargetGrid.spatial(placeOf[rung]);
  }

  /** What arrives of it without the temporal layers above this one, in bit/s of payload. */
  long bitrateBps(int rung, int temporal, long nowNs) {
    Layer layer = layer(rung);
    Scalability inside = layer.scalability();
    return inside == null || inside.grid().known() == 0
        ? layer.bitrateBps(nowNs)
        : inside.bitrateBps(place(rung, temporal), nowNs);
  }

  /**
   * What an encoding would take, in bit/s of payload: as it arrives, as it did lately, or as its
   * neighbours let expect; 0 where nothing is known of any.
   */
  long expectedBps(int encoding, long nowNs) {
    long known = layers[encoding].expectedBps(nowNs);
    long factor = 1;
    for (int i = encoding - 1; i >= 0 && known == 0; i--) {
      factor *= GROWTH;
      known = layers[i].expectedBps(nowNs) * factor;
    }
    factor = 1;
    for (int i = encoding + 1; i < layers.length && known == 0; i++) {
      factor *= GROWTH;
      known = layers[i].expectedBps(nowNs) / factor;
    }
    return known;
  }

  /** Whether packets of an encoding have come so lately that it has not stopped. */
  boolean arrives(int encoding, long nowNs) {
    return layers[encoding].flowing(nowNs, SILENT_NS);
  }

  /** Whether there is such an encoding, and it would come if somebody took it. */
  boolean rests(int encoding) {
    return encoding < layers.length && layers[encoding].rests();
  }

  int encodings() {
    return layers.length;
  }

  /** Whether packets of it come. */
  boolean flows(int rung, long nowNs) {
    Layer layer = layer(rung);
    if (!layer.flowing(nowNs, FLOWING_NS) || outrun(layer, nowNs)) {
      return false;
    }
    Scalability inside = layer.scalability();
    return inside == null || inside.flows(TargetGrid.spatial(placeOf[rung]), nowNs);
  }

  private boolean outrun(Layer layer, long nowNs) {
    if (layer.flowing(nowNs, OUTRUN_NS)) {
      return false;
    }
    for (int i = layer.index() - 1; i >= 0; i--) {
      if (layers[i].flowedSinceNs(layer.lastArrivalNs()) > STAND_IN_NS) {
        return true;
      }
    }
    return false;
  }
}
