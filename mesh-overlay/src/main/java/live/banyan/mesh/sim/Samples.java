package live.banyan.mesh.sim;

import java.util.Arrays;

/** Figures of one kind, and the shares below which they lie. */
final class Samples {
  private double[] values = new double[256];
  private int size;
  private boolean sorted;

  void add(double value) {
    if (size == values.length) {
      values = Arrays.copyOf(values, 2 * size);
    }
    values[size++] = value;
    sorted = false;
  }

  int size() {
    return size;
  }

  /** The value that a share of all, 0 to 1, does not exceed; NaN without any. */
  double quantile(double share) {
    if (size == 0) {
      return Double.NaN;
    }
    if (!sorted) {
      Arrays.sort(values, 0, size);
      sorted = true;
    }
    return values[
        Math.min(
            size - 1,
            (int) Math.ceil(share * size) - 1 < 0 ? 0 : (int) Math.ceil(share * size) - 1)];
  }

  double max() {
    return quantile(1);
  }
}
