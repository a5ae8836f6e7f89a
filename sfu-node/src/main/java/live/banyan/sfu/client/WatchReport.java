package live.banyan.sfu.client;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a viewer saw, as {@code watch --json} prints it. Frames are the picture's, or the sound's
 * where there is no picture. Times in milliseconds; null: it did not happen, or cannot be told.
 *
 * @param firstMediaMs POST to first media packet
 * @param firstFrameMs POST to first complete keyframe
 * @param packets media packets, repaired ones included, repetitions not
 * @param lost packets that never came, not even by repair
 * @param framesBroken incomplete, or undecodable by a missing reference
 * @param longestGapMs between complete frames
 * @param latencyMsP50 arrival minus capture, of packets that carry abs-capture-time, from the end
 *     of the burst on that a viewer begins with
 */
public record WatchReport(
    @Nullable Double firstMediaMs,
    @Nullable Double firstFrameMs,
    long packets,
    long lost,
    long frames,
    long framesBroken,
    @Nullable Double longestGapMs,
    @Nullable Double latencyMsP50,
    @Nullable Double latencyMsP99) {

  /** One JSON object on one line. */
  public String json() {
    return "{\"firstMediaMs\":"
        + number(firstMediaMs)
        + ",\"firstFrameMs\":"
        + number(firstFrameMs)
        + ",\"packets\":"
        + packets
        + ",\"lost\":"
        + lost
        + ",\"frames\":"
        + frames
        + ",\"framesBroken\":"
        + framesBroken
        + ",\"longestGapMs\":"
        + number(longestGapMs)
        + ",\"latencyMsP50\":"
        + number(latencyMsP50)
        + ",\"latencyMsP99\":"
        + number(latencyMsP99)
        + "}";
  }

  private static String number(@Nullable Double value) {
    return value == null ? "null" : String.format(Locale.ROOT, "%.2f", value);
  }
}
