package live.banyan.signaling.http;

import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket for each /32 (IPv4) or /64 (IPv6), as the virtual scheduling form of GCRA: one
 * number for each address. The least recently seen address is forgotten when the table is full.
 */
final class RateLimiter {
  private static final long SECOND_NS = 1_000_000_000L;

  private final long intervalNs;
  private final long toleranceNs;
  private final Map<AddressPrefix, Long> dueNs;

  /**
   * A limiter of so many requests.
   *
   * @param perSecond lasting rate; 0 lets everything through
   * @param burst requests at once after a pause, at least 1
   * @param addressesMax addresses that are remembered
   */
  RateLimiter(int perSecond, int burst, int addressesMax) {
    intervalNs = perSecond == 0 ? 0 : SECOND_NS / perSecond;
    toleranceNs = intervalNs * (burst - 1L);
    dueNs =
        new LinkedHashMap<>(64, 0.75f, true) {
          @Override
          protected boolean removeEldestEntry(Map.Entry<AddressPrefix, Long> eldest) {
            return size() > addressesMax;
          }
        };
  }

  /** 0 when the request may pass, else the seconds (rounded up) after which the next one may. */
  synchronized int secondsToWait(InetAddress address, long nowNs) {
    if (intervalNs == 0) {
      return 0;
    }
    AddressPrefix prefix = AddressPrefix.of(address);
    Long known = dueNs.get(prefix);
    long due = known == null || known - nowNs < 0 ? nowNs : known;
    long early = due - nowNs - toleranceNs;
    if (early > 0) {
      return (int) ((early + SECOND_NS - 1) / SECOND_NS);
    }
    dueNs.put(prefix, due + intervalNs);
    return 0;
  }

  synchronized int size() {
    return dueNs.size();
  }
}
