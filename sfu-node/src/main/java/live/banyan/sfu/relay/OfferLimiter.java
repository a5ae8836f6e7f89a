package live.banyan.sfu.relay;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket per peer for offers. Remembers the peers seen last; a flood of identities evicts
 * its own. Pure; not thread safe.
 */
final class OfferLimiter {
  private static final int PEERS_MAX = 1024;

  private final int burst;
  private final long refillNs;
  private final Map<String, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true);

  OfferLimiter(int burst, long refillNs) {
    this.burst = burst;
    this.refillNs = refillNs;
  }

  boolean allow(String nodeId, long nowNs) {
    Bucket bucket = buckets.computeIfAbsent(nodeId, id -> new Bucket(burst, nowNs));
    if (buckets.size() > PEERS_MAX) {
      buckets.remove(buckets.keySet().iterator().next());
    }
    long refilled = (nowNs - bucket.sinceNs) / refillNs;
    if (refilled > 0) {
      bucket.tokens = (int) Math.min(burst, bucket.tokens + refilled);
      bucket.sinceNs += refilled * refillNs;
    }
    if (bucket.tokens == 0) {
      return false;
    }
    bucket.tokens--;
    return true;
  }

  private static final class Bucket {
    int tokens;
    long sinceNs;

    Bucket(int tokens, long sinceNs) {
      this.tokens = tokens;
      this.sinceNs = sinceNs;
    }
  }
}
