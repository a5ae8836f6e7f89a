package live.banyan.mesh.policy;

import java.util.ArrayList;
import java.util.List;

/**
 * What a volunteer allows.
 *
 * @param chosen what it has named itself; has the last fifth of the line to itself
 * @param listed what the lists that it subscribes to name
 * @param blocked never carried, whatever else says so
 * @param uplinkBps most that the node may send, in bit/s; 0 leaves it to what is measured
 * @param monthBytes most that it may send in a calendar month; 0 for no bound
 * @param placesMax relays and viewers at once
 */
public record Allowance(
    Carry carry,
    Choice chosen,
    Choice listed,
    Choice blocked,
    long uplinkBps,
    long monthBytes,
    Hours hours,
    int placesMax) {
  public Allowance {
    if (uplinkBps < 0 || monthBytes < 0 || placesMax < 0) {
      throw new IllegalArgumentException("a bound must not be negative");
    }
  }

  /** The same with other blocks. */
  public Allowance blocking(Choice other) {
    return new Allowance(carry, chosen, listed, other, uplinkBps, monthBytes, hours, placesMax);
  }

  /** The same with other lists. */
  public Allowance listing(Choice other, Choice alsoBlocked) {
    List<String> all = new ArrayList<>(blocked.entries());
    all.addAll(alsoBlocked.entries());
    return new Allowance(
        carry, chosen, other, new Choice(all), uplinkBps, monthBytes, hours, placesMax);
  }

  /** Whether a stream may be carried at all. */
  boolean wants(String stream) {
    return switch (carry) {
      case CHOSEN -> chosen.includes(stream);
      case LISTS -> chosen.includes(stream) || listed.includes(stream);
      case ANYTHING -> true;
    };
  }
}
