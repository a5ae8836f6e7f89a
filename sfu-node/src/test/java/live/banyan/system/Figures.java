package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;

/** What was measured, printed one line each, and held against three times what is promised. */
final class Figures {
  /** Machines that run tests are noisy. */
  static final double SLACK = 3;

  private Figures() {}

  /** Prints a figure that nothing is asserted of. */
  static void print(String name, double value, String unit) {
    System.out.printf(Locale.ROOT, "figure: %-60s %10.1f %s%n", name, value, unit);
  }

  /** Prints a figure and asserts that it is at most {@value #SLACK} times the promise. */
  static void within(String name, double value, double promised, String unit) {
    atMost(name, value, promised * SLACK, unit + ", promised " + promised);
  }

  /** Prints a figure and asserts that it is at most a bound. */
  static void atMost(String name, double value, double bound, String unit) {
    print(name, value, unit);
    assertTrue(
        value <= bound,
        () ->
            String.format(Locale.ROOT, "%s: %.1f is more than %.1f %s", name, value, bound, unit));
  }

  /** The middle one; of an even number the upper of the two. */
  static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }

  static double ms(long ns) {
    return ns / 1e6;
  }
}
