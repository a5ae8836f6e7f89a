package live.banyan.node.data;

import java.util.concurrent.TimeUnit;

/** So much per second, and a burst on top. */
final class TokenBucket {
  private final double perSecond;
  private final double burst;
  private double level;
  private long filledNs;

  TokenBucket(double perSecond, double burst, long nowNs) {
    this.perSecond = perSecond;
    this.burst = burst;
    this.level = burst;
    this.filledNs = nowNs;
  }

  /** Whether the amount is there; nothing is taken. */
  boolean has(double amount, long nowNs) {
    double seconds = (nowNs - filledNs) / (double) TimeUnit.SECONDS.toNanos(1);
    level = Math.min(burst, level + seconds * perSecond);
    filledNs = nowNs;
    return level >= amount;
  }

  void take(double amount) {
    level -= amount;
  }
}
