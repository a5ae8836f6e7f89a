package live.banyan.sfu.linksim;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;

/**
 * One direction of a link: a first-in-first-out queue in front of a narrow place, then delay,
 * jitter and loss. The same seed gives the same run.
 */
public final class SimulatedLink<T> {
  /**
   * What the link is like from some moment on.
   *
   * @param loss share of packets lost behind the queue, 0 to 1
   * @param queueBytes what the queue holds; packets beyond are dropped
   * @param bucketBytes what passes at once after the link has been idle for long enough, as behind
   *     Linux's {@code tbf} or an access line's shaper; 0 where each packet takes its time
   */
  public record Conditions(
      long capacityBps, long delayNs, long jitterNs, double loss, int queueBytes, int bucketBytes) {
    public Conditions(long capacityBps, long delayNs, long jitterNs, double loss, int queueBytes) {
      this(capacityBps, delayNs, jitterNs, loss, queueBytes, 0);
    }

    public Conditions capacity(long bps) {
      return new Conditions(bps, delayNs, jitterNs, loss, queueBytes, bucketBytes);
    }

    public Conditions bucket(int bytes) {
      return new Conditions(capacityBps, delayNs, jitterNs, loss, queueBytes, bytes);
    }

    private long bucketNs() {
      return (long) (bucketBytes * 8e9 / capacityBps);
    }
  }

  private record Step(long fromNs, Conditions conditions) {}

  private record Queued(long leavesNs, int bytes) {}

  private record Arrival<T>(long atNs, long order, T packet) {}

  private final Random random;
  private final List<Step> steps = new ArrayList<>();
  private final ArrayDeque<Queued> queue = new ArrayDeque<>();
  private final PriorityQueue<Arrival<T>> underway =
      new PriorityQueue<>(
          Comparator.<Arrival<T>>comparingLong(Arrival::atNs).thenComparingLong(Arrival::order));
  private long order;
  private int queuedBytes;
  private long freeNs;
  private long lastArrivalNs;
  private long worstQueueNs;
  private long lastQueueNs;
  private long dropped;
  private long deliveredBytes;

  public SimulatedLink(long seed, Conditions conditions) {
    random = new Random(seed);
    steps.add(new Step(Long.MIN_VALUE, conditions));
  }

  /** From {@code atNs} on the link is like this; in rising order. */
  public SimulatedLink<T> then(long atNs, Conditions conditions) {
    steps.add(new Step(atNs, conditions));
    return this;
  }

  private Conditions at(long nowNs) {
    Conditions found = steps.getFirst().conditions;
    for (Step step : steps) {
      found = step.fromNs <= nowNs ? step.conditions : found;
    }
    return found;
  }

  /**
   * When {@code bytes} that begin to leave at {@code fromNs} have left, whatever steps lie there.
   */
  private long finish(long fromNs, int bytes) {
    double bits = bytes * 8.0;
    double at = fromNs;
    for (int i = 0; i < steps.size(); i++) {
      long end = i + 1 < steps.size() ? steps.get(i + 1).fromNs : Long.MAX_VALUE;
      if (end <= at) {
        continue;
      }
      double bitsPerNs = steps.get(i).conditions.capacityBps / 1e9;
      if (at + bits / bitsPerNs <= end) {
        return (long) (at + bits / bitsPerNs);
      }
      bits -= (end - at) * bitsPerNs;
      at = end;
    }
    throw new IllegalStateException("no step has room");
  }

  /** A packet is put on the link. */
  public void send(T packet, int bytes, long nowNs) {
    while (!queue.isEmpty() && queue.peek().leavesNs <= nowNs) {
      queuedBytes -= queue.poll().bytes;
    }
    Conditions now = at(nowNs);
    if (queuedBytes + bytes > now.queueBytes) {
      dropped++;
      return;
    }
    // A bucket that is full is a link that has been free for as long as filling it takes.
    freeNs = finish(Math.max(nowNs - now.bucketNs(), freeNs), bytes);
    long leavesNs = Math.max(nowNs, freeNs);
    queue.add(new Queued(leavesNs, bytes));
    queuedBytes += bytes;
    lastQueueNs = leavesNs - nowNs;
    worstQueueNs = Math.max(worstQueueNs, lastQueueNs);
    if (random.nextDouble() < now.loss) {
      return;
    }
    deliveredBytes += bytes;
    long jitter = now.jitterNs == 0 ? 0 : random.nextLong(now.jitterNs);
    long arrival = leavesNs + now.delayNs + jitter;
    lastArrivalNs = Math.max(lastArrivalNs, arrival);
    underway.add(new Arrival<>(lastArrivalNs, order++, packet));
  }

  /** The next packet that has arrived by now, or null. */
  public T poll(long nowNs) {
    Arrival<T> head = underway.peek();
    if (head == null || head.atNs > nowNs) {
      return null;
    }
    return underway.remove().packet;
  }

  /** Longest time that a packet waited for the narrow place since {@link #forgetWorst}. */
  public long worstQueueNs() {
    return worstQueueNs;
  }

  /** What a packet that came last had to wait. */
  public long lastQueueNs() {
    return lastQueueNs;
  }

  public void forgetWorst() {
    worstQueueNs = 0;
  }

  /** Packets that found the queue full. */
  public long dropped() {
    return dropped;
  }

  public long deliveredBytes() {
    return deliveredBytes;
  }
}
