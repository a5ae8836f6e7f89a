package live.banyan.mesh.site;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import live.banyan.mesh.Directory.CarrierRecord;
import live.banyan.mesh.Directory.Change;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.mesh.NodeRecord;
import org.jspecify.annotations.Nullable;

/**
 * All records of a directory, by the member that told them. Where two members claim the same stream
 * the higher epoch is seen, and the higher node id among equals; when that claim goes, the other is
 * seen. Writes are synchronised, reads take no lock.
 */
final class DirectoryRecords {
  /** Streams, and likewise carrier records, that one member may tell. */
  static final int RECORDS_PER_MEMBER_MAX = 10_000;

  private static final Comparator<StreamRecord> PRECEDENCE =
      Comparator.comparingLong(StreamRecord::epoch).thenComparing(StreamRecord::ingestNodeId);

  /** One change that listeners are told. */
  record Told(Change change, String key) {}

  private static final class Owned {
    @Nullable NodeRecord node;
    final Map<String, StreamRecord> streams = new LinkedHashMap<>();
    final Map<String, CarrierRecord> carriers = new LinkedHashMap<>();
  }

  private final Map<String, Owned> owners = new LinkedHashMap<>();
  private final Map<String, NodeRecord> nodes = new ConcurrentHashMap<>();
  private final Map<String, StreamRecord> streams = new ConcurrentHashMap<>();
  private final Map<String, List<CarrierRecord>> carriers = new ConcurrentHashMap<>();

  synchronized List<Told> put(String owner, SiteRecord record) {
    Owned owned = owners.computeIfAbsent(owner, o -> new Owned());
    return switch (record) {
      case SiteRecord.Node n -> {
        owned.node = n.node();
        yield seeNode(n.node().nodeId());
      }
      case SiteRecord.Stream s -> {
        String name = s.stream().name();
        if (!owned.streams.containsKey(name) && owned.streams.size() >= RECORDS_PER_MEMBER_MAX) {
          yield List.of();
        }
        owned.streams.put(name, s.stream());
        yield seeStream(name);
      }
      case SiteRecord.Carrier c -> {
        String name = c.carrier().stream();
        if (!owned.carriers.containsKey(name) && owned.carriers.size() >= RECORDS_PER_MEMBER_MAX) {
          yield List.of();
        }
        owned.carriers.put(name, c.carrier());
        yield seeCarriers(name);
      }
      case SiteRecord.NoStream gone ->
          owned.streams.remove(gone.stream()) == null ? List.of() : seeStream(gone.stream());
      case SiteRecord.NoCarrier gone ->
          owned.carriers.remove(gone.stream()) == null ? List.of() : seeCarriers(gone.stream());
    };
  }

  /** Replaces everything that a member has told. */
  synchronized List<Told> replace(String owner, List<SiteRecord> all) {
    Owned before = owners.remove(owner);
    List<Told> told = new ArrayList<>();
    for (SiteRecord record : all) {
      told.addAll(put(owner, record));
    }
    if (before != null) {
      told.addAll(seeAgain(before));
    }
    return told;
  }

  /** The member is gone, and with it all that it told. */
  synchronized List<Told> removeOwner(String owner) {
    Owned before = owners.remove(owner);
    return before == null ? List.of() : seeAgain(before);
  }

  synchronized List<String> owners() {
    return List.copyOf(owners.keySet());
  }

  /** What one member has told, in an order that {@link #replace} can take. */
  synchronized List<SiteRecord> of(String owner) {
    Owned owned = owners.get(owner);
    if (owned == null) {
      return List.of();
    }
    List<SiteRecord> all = new ArrayList<>();
    if (owned.node != null) {
      all.add(new SiteRecord.Node(owned.node));
    }
    owned.streams.values().forEach(s -> all.add(new SiteRecord.Stream(s)));
    owned.carriers.values().forEach(c -> all.add(new SiteRecord.Carrier(c)));
    return all;
  }

  List<NodeRecord> nodes() {
    return List.copyOf(nodes.values());
  }

  Optional<NodeRecord> node(String nodeId) {
    return Optional.ofNullable(nodes.get(nodeId));
  }

  List<StreamRecord> streams() {
    return List.copyOf(streams.values());
  }

  Optional<StreamRecord> stream(String name) {
    return Optional.ofNullable(streams.get(name));
  }

  List<CarrierRecord> carriers(String stream) {
    return carriers.getOrDefault(stream, List.of());
  }

  private List<Told> seeAgain(Owned before) {
    List<Told> told = new ArrayList<>();
    before.carriers.keySet().forEach(name -> told.addAll(seeCarriers(name)));
    before.streams.keySet().forEach(name -> told.addAll(seeStream(name)));
    if (before.node != null) {
      told.addAll(seeNode(before.node.nodeId()));
    }
    return told;
  }

  private List<Told> seeNode(String nodeId) {
    // A node that was restarted while its old member still counts: the later start speaks.
    NodeRecord now =
        owners.values().stream()
            .map(o -> o.node)
            .filter(n -> n != null && n.nodeId().equals(nodeId))
            .max(Comparator.comparingLong(NodeRecord::startedAtMs))
            .orElse(null);
    NodeRecord before = now == null ? nodes.remove(nodeId) : nodes.put(nodeId, now);
    if (Objects.equals(before, now)) {
      return List.of();
    }
    Change change =
        before == null ? Change.NODE_JOINED : now == null ? Change.NODE_LEFT : Change.NODE_CHANGED;
    return List.of(new Told(change, nodeId));
  }

  private List<Told> seeStream(String name) {
    StreamRecord now =
        owners.values().stream()
            .map(o -> o.streams.get(name))
            .filter(Objects::nonNull)
            .max(PRECEDENCE)
            .orElse(null);
    StreamRecord before = now == null ? streams.remove(name) : streams.put(name, now);
    return Objects.equals(before, now) ? List.of() : List.of(new Told(Change.STREAM, name));
  }

  private List<Told> seeCarriers(String name) {
    List<CarrierRecord> now =
        owners.values().stream()
            .map(o -> o.carriers.get(name))
            .filter(Objects::nonNull)
            .sorted(
                Comparator.comparingInt((CarrierRecord c) -> c.path().size())
                    .thenComparing(CarrierRecord::nodeId))
            .toList();
    List<CarrierRecord> before = now.isEmpty() ? carriers.remove(name) : carriers.put(name, now);
    return now.equals(before == null ? List.of() : before)
        ? List.of()
        : List.of(new Told(Change.CARRIER, name));
  }
}
