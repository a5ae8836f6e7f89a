package live.banyan.mesh.kademlia;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.random.RandomGenerator;
import live.banyan.mesh.record.Checked;
import live.banyan.mesh.record.RecordRefusal;
import live.banyan.mesh.record.StoredRecord;
import live.banyan.mesh.record.Validity;
import live.banyan.mesh.wire.Endpoint;

/** Records kept for others, in memory, for a minute at most. */
final class RecordStore {
  private static final int TARGETS_MAX = 8_192;
  private static final int PER_TARGET_MAX = 64;
  private static final int PER_NETWORK_MAX = 4;
  private static final long MS = 1_000_000L;

  private record Kept(StoredRecord record, long network, boolean counts, long endNs) {}

  private final Map<String, Map<String, Kept>> byTarget = new HashMap<>();
  private long sweepNs;

  /** What became of a record. */
  enum Outcome {
    KEPT,
    FULL,
    REFUSED
  }

  Outcome put(byte[] bytes, Endpoint from, long nowNs, long wallMs) {
    return switch (StoredRecord.check(bytes, wallMs)) {
      case Checked.Refused<StoredRecord>(RecordRefusal reason) -> Outcome.REFUSED;
      case Checked.Valid<StoredRecord>(StoredRecord record) -> put(record, from, nowNs, wallMs);
    };
  }

  private Outcome put(StoredRecord record, Endpoint from, long nowNs, long wallMs) {
    sweep(nowNs);
    Map<String, Kept> there = byTarget.getOrDefault(record.target(), Map.of());
    Kept old = there.get(record.writer());
    if (old != null && old.record.validity().issuedAtMs() > record.validity().issuedAtMs()) {
      return Outcome.REFUSED;
    }
    long network = from.network();
    if (old == null) {
      long same = there.values().stream().filter(k -> k.counts && k.network == network).count();
      if (there.size() >= PER_TARGET_MAX
          || (from.isPublic() && same >= PER_NETWORK_MAX)
          || (there.isEmpty() && byTarget.size() >= TARGETS_MAX)) {
        return Outcome.FULL;
      }
    }
    long leftMs = Math.min(Validity.LIFETIME_MS_MAX, record.validity().endMs() - wallMs);
    byTarget
        .computeIfAbsent(record.target(), t -> new HashMap<>())
        .put(record.writer(), new Kept(record, network, from.isPublic(), nowNs + leftMs * MS));
    return Outcome.KEPT;
  }

  /** Some of the records at a target, in another order each time, so that all come to be seen. */
  List<byte[]> at(Point target, int count, long nowNs, RandomGenerator random) {
    Map<String, Kept> there = byTarget.get(target.hex());
    if (there == null) {
      return List.of();
    }
    List<byte[]> records = new ArrayList<>();
    for (Kept kept : there.values()) {
      if (kept.endNs > nowNs) {
        records.add(kept.record.bytes());
      }
    }
    Collections.shuffle(records, Random.from(random));
    return records.size() > count ? records.subList(0, count) : records;
  }

  int size() {
    return byTarget.values().stream().mapToInt(Map::size).sum();
  }

  private void sweep(long nowNs) {
    if (nowNs >= sweepNs) {
      sweepNs = nowNs + 1_000 * MS;
      byTarget.values().forEach(there -> there.values().removeIf(k -> k.endNs <= nowNs));
      byTarget.values().removeIf(Map::isEmpty);
    }
  }
}
