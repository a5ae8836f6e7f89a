package live.banyan.sfu.sctp;

import java.util.concurrent.atomic.AtomicLongArray;

/** What all associations of one thread have counted; readable from any thread. */
public final class SctpCounters {
  private final AtomicLongArray counters = new AtomicLongArray(SctpCount.values().length);

  /** The value of a counter. */
  public long get(SctpCount count) {
    return counters.getOpaque(count.ordinal());
  }

  void add(SctpCount count) {
    int at = count.ordinal();
    counters.setOpaque(at, counters.getPlain(at) + 1);
  }
}
