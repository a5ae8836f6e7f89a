package live.banyan.sfu.sctp;

import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Fragments from their first departure until all before them have arrived too, in the order of
 * their numbers: which are on the way, which have arrived, which are lost (RFC 9260 §6.3, §7.2.4).
 */
final class Flight implements Iterable<Fragment> {
  private static final int MISSING_MAX = 3;

  private final RoundTrip roundTrip;
  private final ArrayDeque<Fragment> fragments = new ArrayDeque<>();
  private int bytes;
  private int lost;

  /**
   * What an acknowledgement says.
   *
   * @param bytes up to the cumulative number that it is the first to report
   * @param released bytes up to there, which need not be kept any longer
   * @param newest highest number that it is the first to report; -1 without one
   */
  record Acknowledged(int bytes, int released, long newest) {}

  Flight(RoundTrip roundTrip) {
    this.roundTrip = roundTrip;
  }

  boolean isEmpty() {
    return fragments.isEmpty();
  }

  /** Bytes on the way: neither arrived nor lost. */
  int bytes() {
    return bytes;
  }

  boolean hasLost() {
    return lost > 0;
  }

  @Override
  public Iterator<Fragment> iterator() {
    return fragments.iterator();
  }

  /** Takes the fragment with the next number. */
  void add(Fragment fragment) {
    fragments.add(fragment);
  }

  @Nullable Fragment firstLost() {
    for (Fragment fragment : fragments) {
      if (fragment.state == Fragment.State.LOST) {
        return fragment;
      }
    }
    return null;
  }

  /** A fragment leaves, for the first time or again. */
  void depart(Fragment fragment, long nowNs) {
    if (fragment.state == Fragment.State.LOST) {
      lost--;
    }
    fragment.sent++;
    fragment.sentAtNs = nowNs;
    fragment.state = Fragment.State.IN_FLIGHT;
    bytes += fragment.length;
  }

  /**
   * @param cumulative all up to this number have arrived
   * @param gaps blocks beyond it that have arrived as well: first and last, counted from it
   */
  Acknowledged acknowledge(long cumulative, int[] gaps, long nowNs) {
    int acknowledged = 0;
    int released = 0;
    long newest = -1;
    while (!fragments.isEmpty() && fragments.getFirst().tsn <= cumulative) {
      Fragment fragment = fragments.remove();
      acknowledged += arrived(fragment, nowNs);
      released += fragment.length;
      newest = fragment.tsn;
    }
    newest = Math.max(newest, onGaps(cumulative, gaps, nowNs));
    return new Acknowledged(acknowledged, released, newest);
  }

  /** Bytes that this acknowledgement is the first for. */
  private int arrived(Fragment fragment, long nowNs) {
    switch (fragment.state) {
      case IN_FLIGHT -> {
        bytes -= fragment.length;
        if (fragment.sent == 1) {
          roundTrip.onSample(nowNs - fragment.sentAtNs); // Karn: never of a repetition
        }
      }
      case LOST -> lost--;
      case ARRIVED, ABANDONED -> {
        return 0;
      }
    }
    return fragment.length;
  }

  private long onGaps(long cumulative, int[] gaps, long nowNs) {
    long newest = -1;
    int block = 0;
    for (Fragment fragment : fragments) {
      while (block < gaps.length && fragment.tsn > cumulative + gaps[block + 1]) {
        block += 2;
      }
      if (block >= gaps.length) {
        break;
      }
      boolean inBlock = fragment.tsn >= cumulative + gaps[block];
      boolean news =
          fragment.state == Fragment.State.IN_FLIGHT || fragment.state == Fragment.State.LOST;
      if (inBlock && news) {
        arrived(fragment, nowNs);
        fragment.state = Fragment.State.ARRIVED;
        newest = fragment.tsn;
      }
    }
    return newest;
  }

  /**
   * Three reports that something newer has arrived mean loss (§7.2.4).
   *
   * @return whether something was lost
   */
  boolean missesBefore(long newest) {
    boolean found = false;
    for (Fragment fragment : fragments) {
      if (fragment.tsn >= newest) {
        break;
      }
      if (fragment.state == Fragment.State.IN_FLIGHT
          && !fragment.fastRetransmitted
          && ++fragment.missing >= MISSING_MAX) {
        fragment.fastRetransmitted = true;
        found = true;
        markLost(fragment);
      }
    }
    return found;
  }

  /** Whatever is on the way counts as lost (§6.3.3). */
  void loseAll() {
    for (Fragment fragment : fragments) {
      fragment.missing = 0;
      if (fragment.state == Fragment.State.IN_FLIGHT) {
        markLost(fragment);
      }
    }
  }

  private void markLost(Fragment fragment) {
    bytes -= fragment.length;
    fragment.state = Fragment.State.LOST;
    lost++;
  }

  /** Nothing of this message is sent again. */
  void abandon(OutMessage message) {
    for (Fragment fragment : fragments) {
      if (fragment.message != message) {
        continue;
      }
      if (fragment.state == Fragment.State.IN_FLIGHT) {
        bytes -= fragment.length;
      } else if (fragment.state == Fragment.State.LOST) {
        lost--;
      }
      fragment.state = Fragment.State.ABANDONED;
    }
  }
}
