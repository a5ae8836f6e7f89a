package live.banyan.sfu.media;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who of several sounds has the floor: the one that spoke last and long enough to mean it. Somebody
 * takes over who looks more like speech than the present one at once, over a tenth of a second and
 * over a second (Volfin and Cohen 2013, section IV), so that neither a cough nor an echo does. Not
 * thread safe.
 */
public final class ActiveSpeaker {
  // The paper's thresholds of the logarithms of ratios, from the shortest time to the longest.
  private static final double AT_ONCE = 3;
  private static final double SOON = 2;
  private static final double LASTING = 0;

  private @Nullable SpeechActivity dominant;

  /**
   * Compares; to be called a few times a second.
   *
   * @param sounds those of one group now, in any order
   * @return who has the floor, though silent at the moment; null before anybody has spoken
   */
  public @Nullable SpeechActivity choose(List<SpeechActivity> sounds, long nowNs) {
    SpeechActivity before = dominant;
    SpeechActivity present = before != null && sounds.contains(before) ? before : null;
    SpeechActivity best = present;
    double bestRatio = SOON;
    for (SpeechActivity sound : sounds) {
      if (sound == present || !sound.speaking(nowNs)) {
        continue;
      }
      double ratio = present == null ? sound.lasting() : ratio(sound.medium(), present.medium());
      if (best == null || ratio > bestRatio && (present == null || overrules(sound, present))) {
        best = sound;
        bestRatio = ratio;
      }
    }
    dominant = best;
    return best;
  }

  private static boolean overrules(SpeechActivity sound, SpeechActivity present) {
    return ratio(sound.immediate(), present.immediate()) > AT_ONCE
        && ratio(sound.lasting(), present.lasting()) > LASTING;
  }

  private static double ratio(double one, double other) {
    return Math.log(one / other);
  }
}
