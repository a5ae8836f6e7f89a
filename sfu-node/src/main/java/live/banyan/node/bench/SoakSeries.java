package live.banyan.node.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * One quantity over time, and whether it grows. What it does in the first third is warming up and
 * does not count.
 */
final class SoakSeries {
  private static final double SECONDS_PER_HOUR = 3_600;

  /** So many standard errors above nothing is no accident any more. */
  private static final double CERTAIN = 2;

  private final List<Double> seconds = new ArrayList<>();
  private final List<Double> values = new ArrayList<>();

  void add(double second, double value) {
    seconds.add(second);
    values.add(value);
  }

  /** Of the first sample that counts. */
  double first() {
    return values.get(skipped());
  }

  double last() {
    return values.getLast();
  }

  /** Of all samples, those of the first third included. */
  double highest() {
    return values.stream().mapToDouble(Double::doubleValue).max().orElse(0);
  }

  private int skipped() {
    return values.size() / 3;
  }

  private static double mean(List<Double> numbers) {
    return numbers.stream().mapToDouble(Double::doubleValue).average().orElse(0);
  }

  /**
   * A straight line through what counts, by least squares.
   *
   * @param slope per second
   * @param error standard error of the slope
   */
  private record Line(double slope, double error, double mean, double seconds) {}

  private Line line() {
    List<Double> x = seconds.subList(skipped(), seconds.size());
    List<Double> y = values.subList(skipped(), values.size());
    double meanX = mean(x);
    double meanY = mean(y);
    double covariance = 0;
    double variance = 0;
    for (int i = 0; i < x.size(); i++) {
      covariance += (x.get(i) - meanX) * (y.get(i) - meanY);
      variance += (x.get(i) - meanX) * (x.get(i) - meanX);
    }
    double slope = variance == 0 ? 0 : covariance / variance;
    double squares = 0;
    for (int i = 0; i < x.size(); i++) {
      double off = y.get(i) - meanY - slope * (x.get(i) - meanX);
      squares += off * off;
    }
    double error = x.size() < 3 ? 0 : Math.sqrt(squares / (x.size() - 2) / variance);
    return new Line(slope, error, meanY, x.getLast() - x.getFirst());
  }

  double perHour() {
    return line().slope * SECONDS_PER_HOUR;
  }

  /**
   * Whether the line rises by more than a share of the mean over the samples that count, and by
   * more than chance explains.
   */
  boolean grows(double share) {
    Line line = line();
    return line.slope * line.seconds > share * line.mean && line.slope > CERTAIN * line.error;
  }
}
