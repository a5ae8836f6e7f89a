package live.banyan.sfu.relay;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Counters of all links, from any thread. */
final class LinkCounters {
  private final Map<LinkCount, LongAdder> counts = new EnumMap<>(LinkCount.class);
  private final Map<OfferRefusal, LongAdder> refusals = new EnumMap<>(OfferRefusal.class);

  LinkCounters() {
    for (LinkCount count : LinkCount.values()) {
      counts.put(count, new LongAdder());
    }
    for (OfferRefusal refusal : OfferRefusal.values()) {
      refusals.put(refusal, new LongAdder());
    }
  }

  LongAdder of(LinkCount count) {
    return adder(counts.get(count));
  }

  LongAdder of(OfferRefusal refusal) {
    return adder(refusals.get(refusal));
  }

  private static LongAdder adder(@Nullable LongAdder adder) {
    if (adder == null) {
      throw new AssertionError("every constant has its counter");
    }
    return adder;
  }
}
