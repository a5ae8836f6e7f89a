package live.banyan.sfu.congestion;

import java.util.Arrays;

/**
 * Tells from the variation of group delays whether a queue grows: the slope of the smoothed,
 * accumulated delay over the last groups against a threshold that adapts to the path (the trendline
 * filter that took the place of the Kalman filter of draft-ietf-rmcat-gcc-02 §5.3; threshold and
 * states of §5.4; "Analysis and Design of the Google Congestion Control", MMSys 2016). Not thread
 * safe.
 */
public final class OveruseDetector {
  /** What the path does. */
  public enum Usage {
    /** The queue shrinks: wait until it has. */
    UNDER,
    NORMAL,
    /** The queue grows. */
    OVER
  }

  private static final int WINDOW = 20;
  private static final double SMOOTHING = 0.9;
  private static final double GAIN = 4;
  private static final int GROUPS_MAX = 60;
  private static final double THRESHOLD_START_MS = 12.5;
  private static final double THRESHOLD_MIN_MS = 6;
  private static final double THRESHOLD_MAX_MS = 600;
  private static final double GAIN_UP = 0.0087;
  private static final double GAIN_DOWN = 0.039;
  private static final double OUTLIER_MS = 15;
  private static final double OVERUSE_MS = 10;

  private final double[] times = new double[WINDOW];
  private final double[] delays = new double[WINDOW];
  private int count;
  private double accumulatedMs;
  private double smoothedMs;
  private long firstArrivalUs;
  private int groups;
  private double threshold = THRESHOLD_START_MS;
  private long thresholdUs = -1;
  private double overusingMs = -1;
  private int overusingGroups;
  private double lastTrend;
  private Usage usage = Usage.NORMAL;

  /**
   * Takes in two neighbouring groups.
   *
   * @param arrivalUs when the second was complete
   */
  public void onGroup(long sendDeltaUs, long arrivalDeltaUs, long arrivalUs) {
    if (groups == 0) {
      firstArrivalUs = arrivalUs;
    }
    groups = Math.min(groups + 1, 1_000);
    accumulatedMs += (arrivalDeltaUs - sendDeltaUs) / 1e3;
    smoothedMs = SMOOTHING * smoothedMs + (1 - SMOOTHING) * accumulatedMs;
    if (count == WINDOW) {
      System.arraycopy(times, 1, times, 0, WINDOW - 1);
      System.arraycopy(delays, 1, delays, 0, WINDOW - 1);
      count--;
    }
    times[count] = (arrivalUs - firstArrivalUs) / 1e3;
    delays[count] = smoothedMs;
    count++;
    double trend = count == WINDOW ? slope() : lastTrend;
    detect(trend, sendDeltaUs / 1e3, arrivalUs);
  }

  private double slope() {
    double meanTime = 0;
    double meanDelay = 0;
    for (int i = 0; i < count; i++) {
      meanTime += times[i];
      meanDelay += delays[i];
    }
    meanTime /= count;
    meanDelay /= count;
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < count; i++) {
      double time = times[i] - meanTime;
      covariance += time * (delays[i] - meanDelay);
      variance += time * time;
    }
    return variance == 0 ? lastTrend : covariance / variance;
  }

  private void detect(double trend, double sendDeltaMs, long arrivalUs) {
    if (groups < 2) {
      usage = Usage.NORMAL;
      return;
    }
    double offset = Math.min(groups, GROUPS_MAX) * trend * GAIN;
    if (offset > threshold) {
      overusingMs = overusingMs < 0 ? sendDeltaMs / 2 : overusingMs + sendDeltaMs;
      overusingGroups++;
      if (overusingMs > OVERUSE_MS && overusingGroups > 1 && trend >= lastTrend) {
        overusingMs = 0;
        overusingGroups = 0;
        usage = Usage.OVER;
      }
    } else {
      overusingMs = -1;
      overusingGroups = 0;
      usage = offset < -threshold ? Usage.UNDER : Usage.NORMAL;
    }
    lastTrend = trend;
    adapt(offset, arrivalUs);
  }

  private void adapt(double offset, long arrivalUs) {
    if (thresholdUs < 0) {
      thresholdUs = arrivalUs;
    }
    double size = Math.abs(offset);
    if (size > threshold + OUTLIER_MS) {
      // A sudden step of the capacity must not make the detector deaf.
      thresholdUs = arrivalUs;
      return;
    }
    double gain = size < threshold ? GAIN_DOWN : GAIN_UP;
    double elapsedMs = Math.clamp((arrivalUs - thresholdUs) / 1e3, 0, 100);
    threshold += gain * (size - threshold) * elapsedMs;
    threshold = Math.clamp(threshold, THRESHOLD_MIN_MS, THRESHOLD_MAX_MS);
    thresholdUs = arrivalUs;
  }

  /** What the last groups told. */
  public Usage usage() {
    return usage;
  }

  /** Forgets the groups, as after a change of clocks; the threshold stays. */
  void reset() {
    count = 0;
    groups = 0;
    accumulatedMs = 0;
    smoothedMs = 0;
    lastTrend = 0;
    thresholdUs = -1;
    overusingMs = -1;
    overusingGroups = 0;
    usage = Usage.NORMAL;
    Arrays.fill(times, 0);
  }
}
