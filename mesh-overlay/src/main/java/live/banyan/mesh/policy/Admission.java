package live.banyan.mesh.policy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The places on a volunteer's line: who has one, who gets one, who has to give it back. A place is
 * held from {@link #admit} to {@link #release}.
 *
 * <p>So that no stranger drains a volunteer, what its owner has not chosen gets four fifths of the
 * line together, a channel of that half of the line, and a network a quarter of it; one place each
 * may have even where the line is that narrow. Networks share whatever was chosen, too: the owner
 * chose a channel, not its audience. Not thread safe.
 */
public final class Admission {
  private static final double OTHERS_SHARE = 0.8;
  private static final double CHANNEL_SHARE = 0.5;
  private static final double NETWORK_SHARE = 0.25;

  private final Map<String, Ask> held = new LinkedHashMap<>();
  private Allowance allowance;
  private long measuredBps;
  private int minute;
  private boolean monthUsed;

  /**
   * Nobody has a place yet.
   *
   * @param measuredBps what the node may send of its line, see {@link #measured}
   */
  public Admission(Allowance allowance, long measuredBps) {
    this.allowance = allowance;
    this.measuredBps = measuredBps;
  }

  /** Asks for a place; an id that has one keeps it. */
  public Verdict admit(Ask ask) {
    if (held.containsKey(ask.id())) {
      return new Verdict.Admitted();
    }
    Refusal refusal = refusal(ask);
    if (refusal != null) {
      return new Verdict.Refused(refusal);
    }
    held.put(ask.id(), ask);
    return new Verdict.Admitted();
  }

  /** Says what network a place is used from, which was not known when it was asked for. */
  public Verdict locate(String id, long network) {
    Ask ask = held.get(id);
    if (ask == null || ask.network() == network) {
      return new Verdict.Admitted();
    }
    Ask located = new Ask(id, ask.stream(), network, ask.bitsPerSecond());
    held.remove(id);
    if (overNetwork(located)) {
      held.put(id, ask);
      return new Verdict.Refused(Refusal.NETWORK_BUDGET);
    }
    held.put(id, located);
    return new Verdict.Admitted();
  }

  /** Gives a place back; without effect where it is not held. */
  public void release(String id) {
    held.remove(id);
  }

  /** The owner allows something else from now on; {@link #overdue} says who has to go. */
  public void allow(Allowance next) {
    allowance = next;
  }

  /** What is allowed now. */
  public Allowance allowance() {
    return allowance;
  }

  /**
   * What the node may send of its line in bit/s, all that it sends taken together: four fifths of
   * what was measured, less when others in the house need it.
   */
  public void measured(long bps) {
    measuredBps = bps;
  }

  /** The time of the day where the node stands, and whether the month's bytes are used up. */
  public void clock(int minuteOfDay, boolean used) {
    minute = minuteOfDay;
    monthUsed = used;
  }

  /**
   * Who has to give its place back, oldest first: what may not be carried any more, and, where the
   * line has become too narrow, the youngest of what was not chosen, then the youngest. They keep
   * their places until they are released.
   */
  public List<Ask> overdue() {
    List<Ask> going = new ArrayList<>();
    List<Ask> staying = new ArrayList<>();
    for (Ask ask : held.values()) {
      (forbidden(ask.stream()) == null ? staying : going).add(ask);
    }
    shed(staying, going, ask -> !allowance.chosen().includes(ask.stream()));
    shed(staying, going, ask -> true);
    return going;
  }

  private void shed(List<Ask> staying, List<Ask> going, Predicate<Ask> which) {
    long used = staying.stream().mapToLong(Ask::bitsPerSecond).sum();
    for (int i = staying.size() - 1; i >= 0 && used > lineBps(); i--) {
      Ask ask = staying.get(i);
      if (which.test(ask)) {
        used -= ask.bitsPerSecond();
        going.add(ask);
        staying.remove(i);
      }
    }
  }

  private @Nullable Refusal forbidden(String stream) {
    if (allowance.blocked().includes(stream)) {
      return Refusal.BLOCKED;
    }
    if (!allowance.wants(stream)) {
      return Refusal.NOT_CHOSEN;
    }
    if (!allowance.hours().include(minute)) {
      return Refusal.OUT_OF_HOURS;
    }
    return monthUsed ? Refusal.MONTH_USED : null;
  }

  private @Nullable Refusal refusal(Ask ask) {
    Refusal forbidden = forbidden(ask.stream());
    if (forbidden != null) {
      return forbidden;
    }
    if (held.size() >= allowance.placesMax()) {
      return Refusal.TOO_MANY;
    }
    long line = lineBps();
    if (used(other -> true) + ask.bitsPerSecond() > line) {
      return Refusal.UPLINK_FULL;
    }
    if (!allowance.chosen().includes(ask.stream())) {
      long others = used(other -> !allowance.chosen().includes(other.stream()));
      if (others + ask.bitsPerSecond() > OTHERS_SHARE * line) {
        return Refusal.RESERVED;
      }
      long channel = used(other -> other.channel().equals(ask.channel()));
      if (channel > 0 && channel + ask.bitsPerSecond() > CHANNEL_SHARE * line) {
        return Refusal.CHANNEL_BUDGET;
      }
    }
    return overNetwork(ask) ? Refusal.NETWORK_BUDGET : null;
  }

  private boolean overNetwork(Ask ask) {
    if (ask.network() == 0) {
      return false;
    }
    long network = used(other -> other.network() == ask.network());
    return network > 0 && network + ask.bitsPerSecond() > NETWORK_SHARE * lineBps();
  }

  private long used(Predicate<Ask> which) {
    return held.values().stream().filter(which).mapToLong(Ask::bitsPerSecond).sum();
  }

  /** What the node may send: the owner's bound or what was measured, whichever is less. */
  public long lineBps() {
    return allowance.uplinkBps() == 0 ? measuredBps : Math.min(allowance.uplinkBps(), measuredBps);
  }

  /** What the places that are held take of the line, in bit/s. */
  public long usedBps() {
    return used(ask -> true);
  }

  /** Places that are held. */
  public int places() {
    return held.size();
  }

  /** How many more streams of a bit rate would find room now, as far as the line goes. */
  public int free(long bitsPerSecond) {
    if (monthUsed || !allowance.hours().include(minute)) {
      return 0;
    }
    long room = (lineBps() - usedBps()) / bitsPerSecond;
    return (int) Math.clamp(room, 0, Math.max(0, allowance.placesMax() - held.size()));
  }
}
