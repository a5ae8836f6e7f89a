package live.banyan.mesh.sim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run has shown. Times in milliseconds; NaN where nothing was measured.
 *
 * @param falseSwitchesPerNodeHour changes of parent although the old one was well
 * @param rejoinShare of those that lost their parent, who had to look for another
 * @param depthBound least integer not below log_d N, d being the mean children of a parent
 * @param stretchP50 delay through the tree over the delay straight from the ingest
 * @param controlMsgsPerNodePerSecond pulses aside
 * @param uplinkShareMax greatest share of its measured uplink that any node gave
 * @param slotUseUnderScarcity places in use of those that are not kept for failures
 */
public record SimResult(
    SimSettings settings,
    double joinMsP50,
    double joinMsP99,
    double interruptionMsP50,
    double interruptionMsP99,
    double falseSwitchesPerNodeHour,
    double rejoinShare,
    int depthMax,
    int depthBound,
    double stretchP50,
    double stretchP90,
    double controlMsgsPerNodePerSecond,
    double uplinkShareMax,
    double slotUseUnderScarcity,
    int invariantViolations,
    int joins,
    int joinsRefused,
    int interruptions,
    double interruptionMsMax,
    List<String> complaints) {

  /** As {@code --json} prints it; null where nothing was measured. */
  public Map<String, @Nullable Object> figures() {
    Map<String, @Nullable Object> figures = new LinkedHashMap<>();
    figures.put("nodes", settings.nodes());
    figures.put("seed", settings.seed());
    figures.put("scenario", settings.scenario().label());
    figures.put("joinMsP50", rounded(joinMsP50, 10));
    figures.put("joinMsP99", rounded(joinMsP99, 10));
    figures.put("interruptionMsP50", rounded(interruptionMsP50, 10));
    figures.put("interruptionMsP99", rounded(interruptionMsP99, 10));
    figures.put("falseSwitchesPerNodeHour", rounded(falseSwitchesPerNodeHour, 1000));
    figures.put("rejoinShare", rounded(rejoinShare, 10_000));
    figures.put("depthMax", depthMax);
    figures.put("depthBound", depthBound);
    figures.put("stretchP50", rounded(stretchP50, 100));
    figures.put("stretchP90", rounded(stretchP90, 100));
    figures.put("controlMsgsPerNodePerSecond", rounded(controlMsgsPerNodePerSecond, 1000));
    figures.put("uplinkShareMax", rounded(uplinkShareMax, 1000));
    figures.put("slotUseUnderScarcity", rounded(slotUseUnderScarcity, 1000));
    figures.put("invariantViolations", invariantViolations);
    figures.put("dhtGetSuccess", null);
    figures.put("dhtGetMsP50", null);
    figures.put("dhtGetMsP99", null);
    return figures;
  }

  private static @Nullable Double rounded(double value, double to) {
    return Double.isFinite(value) ? Math.round(value * to) / to : null;
  }
}
