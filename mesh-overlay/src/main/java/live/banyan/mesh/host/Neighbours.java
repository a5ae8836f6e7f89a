package live.banyan.mesh.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import live.banyan.mesh.Directory;
import live.banyan.mesh.Directory.CarrierRecord;
import live.banyan.mesh.LinkTransport;
import live.banyan.mesh.NodeRecord;
import live.banyan.mesh.tree.Candidate;
import live.banyan.mesh.tree.Surroundings;

/**
 * The links of this node and what it knows of those at their far ends. Keeps links to the nearest
 * nodes warm, and closes those that it opened and nobody uses. Only on the thread of {@link
 * RelayTree}.
 */
final class Neighbours implements Surroundings {
  private static final long IDLE_NS = 30_000_000_000L;
  private static final long UNKNOWN_RTT_NS = 50_000_000L;

  /** The far end opens the link when its id is lower; if it does not, we do. */
  private static final long WARM_PATIENCE_NS = 2_000_000_000L;

  private final Directory directory;
  private final LinkTransport links;
  private final int warmMax;
  private final Set<String> up = new HashSet<>();
  private final Map<String, Long> openedByUs = new HashMap<>();
  private final Map<String, Long> firstSeenNs = new HashMap<>();

  Neighbours(Directory directory, LinkTransport links, int warmMax) {
    this.directory = directory;
    this.links = links;
    this.warmMax = warmMax;
  }

  boolean isUp(String nodeId) {
    return up.contains(nodeId);
  }

  int countUp() {
    return up.size();
  }

  void up(String nodeId) {
    up.add(nodeId);
  }

  void down(String nodeId, long nowNs) {
    up.remove(nodeId);
    openedByUs.remove(nodeId);
    firstSeenNs.put(nodeId, nowNs);
  }

  /** False when the directory does not know the node. */
  boolean connect(String nodeId, long nowNs) {
    Optional<NodeRecord> peer = directory.node(nodeId);
    peer.ifPresent(
        record -> {
          openedByUs.put(nodeId, nowNs);
          links.connect(record);
        });
    return peer.isPresent();
  }

  /** Opens what should be warm and closes what nobody needs. */
  void tend(long nowNs, Predicate<String> used) {
    Set<String> warm = warm();
    Set<String> present = new HashSet<>();
    directory.nodes().forEach(node -> present.add(node.nodeId()));
    firstSeenNs.keySet().retainAll(present);
    String self = directory.self().nodeId();
    for (String peer : warm) {
      long sinceNs = nowNs - firstSeenNs.computeIfAbsent(peer, p -> nowNs);
      boolean ours = self.compareTo(peer) < 0 || sinceNs >= WARM_PATIENCE_NS;
      if (!up.contains(peer) && ours && !openedByUs.containsKey(peer)) {
        connect(peer, nowNs);
      }
    }
    for (Map.Entry<String, Long> opened : new ArrayList<>(openedByUs.entrySet())) {
      String peer = opened.getKey();
      if (warm.contains(peer) || used.test(peer)) {
        opened.setValue(nowNs);
        openedByUs.put(peer, nowNs);
      } else if (nowNs - opened.getValue() > IDLE_NS) {
        openedByUs.remove(peer);
        up.remove(peer);
        links.disconnect(peer);
      }
    }
  }

  private Set<String> warm() {
    if (warmMax == 0) {
      return Set.of();
    }
    String self = directory.self().nodeId();
    Set<String> nearest = new HashSet<>();
    directory.nodes().stream()
        .filter(node -> !node.nodeId().equals(self) && !node.draining())
        .sorted(
            Comparator.comparingLong((NodeRecord node) -> rttNs(node.nodeId()))
                .thenComparing(NodeRecord::nodeId))
        .limit(warmMax)
        .forEach(node -> nearest.add(node.nodeId()));
    return nearest;
  }

  private long rttNs(String nodeId) {
    long rttNs = links.rttNs(nodeId);
    return rttNs < 0 ? UNKNOWN_RTT_NS : rttNs;
  }

  @Override
  public List<Candidate> carriers(String stream) {
    List<Candidate> candidates = new ArrayList<>();
    for (CarrierRecord carrier : directory.carriers(stream)) {
      directory
          .node(carrier.nodeId())
          .ifPresent(
              node ->
                  candidates.add(
                      candidate(node, carrier.path(), carrier.epoch(), carrier.freeSlots())));
    }
    return candidates;
  }

  @Override
  public Optional<Candidate> peer(String nodeId, String stream) {
    return directory.node(nodeId).map(node -> candidate(node, List.of(), -1, node.maxChildren()));
  }

  private Candidate candidate(NodeRecord node, List<String> path, long epoch, int freeSlots) {
    return new Candidate(
        node.nodeId(),
        path,
        epoch,
        freeSlots,
        node.draining(),
        up.contains(node.nodeId()),
        links.rttNs(node.nodeId()));
  }
}
