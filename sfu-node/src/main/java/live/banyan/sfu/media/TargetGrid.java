package live.banyan.sfu.media;

import java.util.Arrays;
import live.banyan.sfu.codec.FrameDependencies;
import live.banyan.sfu.codec.TemplateStructure;

/**
 * The decode targets of one encoding in the same terms whatever tells of them: a place is a spatial
 * and a temporal layer, four of each; a set of places is a mask of 16 bits. A place that the
 * encoding lacks means the next lower one that it has, so that the highest place is always the best
 * there is. Not thread safe.
 */
final class TargetGrid {
  static final int TEMPORAL = 4;
  static final int PLACES = 16;

  /** The best that there is. */
  static final int BEST = PLACES - 1;

  /** Every place. */
  static final int ALL = 0xFFFF;

  private static final int NONE = -1;

  // The decode target behind each place; in an encoding without a structure the place itself.
  private final int[] targetOf = new int[PLACES];
  private final int[] placesOf = new int[TemplateStructure.MAX_DECODE_TARGETS];
  // By target: those whose every frame it has, itself among them.
  private final long[] within = new long[TemplateStructure.MAX_DECODE_TARGETS];
  private int known;
  private int spatialLayers;
  private int temporalLayers;

  static int place(int spatial, int temporal) {
    return spatial * TEMPORAL + temporal;
  }

  static int spatial(int place) {
    return place / TEMPORAL;
  }

  static int temporal(int place) {
    return place % TEMPORAL;
  }

  /** Places that the encoding really has. */
  int known() {
    return known;
  }

  int spatialLayers() {
    return spatialLayers;
  }

  int temporalLayers() {
    return temporalLayers;
  }

  /** Takes the targets from a template structure. */
  void learn(TemplateStructure structure) {
    int targets = structure.decodeTargetCount();
    known = 0;
    spatialLayers = 0;
    temporalLayers = 0;
    Arrays.fill(targetOf, NONE);
    for (int target = 0; target < targets; target++) {
      int temporal = structure.targetTemporalLayer(target);
      if (temporal < TEMPORAL) {
        note(place(structure.targetSpatialLayer(target), temporal), target);
      }
      within[target] = within(structure, target);
    }
    fill();
  }

  /** Every frame that {@code target} lacks those targets lack too. */
  private static long within(TemplateStructure structure, int target) {
    long mask = 0;
    for (int other = 0; other < structure.decodeTargetCount(); other++) {
      boolean covered = true;
      for (int i = 0; i < structure.templateCount(); i++) {
        covered &=
            structure.indication(i, target) != TemplateStructure.NOT_PRESENT
                || structure.indication(i, other) == TemplateStructure.NOT_PRESENT;
      }
      mask |= covered ? 1L << other : 0;
    }
    return mask;
  }

  /**
   * Takes the targets from the layers that payload descriptors have shown.
   *
   * @param separate higher spatial layers refer to lower ones at keyframes only, so that a viewer
   *     of theirs is not sent the lower ones in between
   */
  void learn(int spatial, int temporal, boolean separate) {
    known = 0;
    spatialLayers = 0;
    temporalLayers = 0;
    Arrays.fill(targetOf, NONE);
    for (int place = 0; place < PLACES; place++) {
      if (spatial(place) < spatial && temporal(place) < temporal) {
        note(place, place);
        within[place] = 0;
        for (int other = 0; other <= place; other++) {
          boolean covered =
              temporal(other) <= temporal(place) && (!separate || spatial(other) == spatial(place));
          within[place] |= covered ? 1L << other : 0;
        }
      }
    }
    fill();
  }

  private void note(int place, int target) {
    if (targetOf[place] == NONE) {
      targetOf[place] = target;
      known |= 1 << place;
      spatialLayers = Math.max(spatialLayers, spatial(place) + 1);
      temporalLayers = Math.max(temporalLayers, temporal(place) + 1);
    }
  }

  private void fill() {
    Arrays.fill(placesOf, 0);
    for (int place = 0; place < PLACES; place++) {
      int stand = nearest(place);
      if (stand != NONE) {
        targetOf[place] = targetOf[stand];
        placesOf[targetOf[place]] |= 1 << place;
      }
    }
  }

  /** The place that the encoding has for one that it may lack, or -1 where it has none. */
  int nearest(int place) {
    for (int s = spatial(place); s >= 0; s--) {
      for (int t = temporal(place); t >= 0; t--) {
        if ((known & 1 << place(s, t)) != 0) {
          return place(s, t);
        }
      }
    }
    return known == 0 ? NONE : Integer.numberOfTrailingZeros(known);
  }

  /** The places that are of a decode target of the structure. */
  int placesOf(int target) {
    return placesOf[target];
  }

  /** Whether a viewer of {@code place} has every frame that {@code other} needs. */
  boolean covers(int place, int other) {
    int target = targetOf[place];
    int needed = targetOf[other];
    return target == NONE || needed == NONE || (within[target] >> needed & 1) != 0;
  }

  /**
   * The decode targets that a viewer of a place can decode, as {@link
   * FrameDependencies#activeTargets} has them.
   */
  long activeTargets(int place) {
    int target = targetOf[place];
    return target == NONE ? -1 : within[target] & 0xFFFF_FFFFL;
  }
}
