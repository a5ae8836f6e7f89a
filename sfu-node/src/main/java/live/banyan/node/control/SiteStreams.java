package live.banyan.node.control;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import live.banyan.mesh.Directory;
import live.banyan.mesh.Directory.CarrierRecord;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.mesh.NodeRecord;
import live.banyan.signaling.port.StreamDirectory;
import org.jspecify.annotations.Nullable;

/**
 * The site's directory in the words of signalling, and the viewers' pages that listen to it. Safe
 * from any thread.
 */
public final class SiteStreams implements StreamDirectory {
  private final Directory directory;
  private final Supplier<NodeInfo> nodeInfo;
  private final Map<String, CopyOnWriteArrayList<Listener>> listeners = new ConcurrentHashMap<>();

  SiteStreams(Directory directory, Supplier<NodeInfo> nodeInfo) {
    this.directory = directory;
    this.nodeInfo = nodeInfo;
    directory.listen(
        (change, key) -> {
          switch (change) {
            case STREAM, CARRIER -> tell(key);
            case NODE_JOINED, NODE_CHANGED, NODE_LEFT -> {}
          }
        });
  }

  @Override
  public List<StreamInfo> streams() {
    return directory.streams().stream()
        .map(this::info)
        .sorted(Comparator.comparing(StreamInfo::name))
        .toList();
  }

  @Override
  public Optional<StreamInfo> stream(String name) {
    return directory.stream(name).map(this::info);
  }

  private StreamInfo info(StreamRecord record) {
    int viewers = directory.carriers(record.name()).stream().mapToInt(CarrierRecord::viewers).sum();
    return new StreamInfo(
        record.name(),
        record.live() ? State.LIVE : State.WAITING,
        record.epoch(),
        directory.node(record.ingestNodeId()).map(NodeRecord::http).orElse(""),
        record.startedAtMs(),
        viewers,
        StreamDescription.parse(record.description())
            .map(StreamDescription::forSignaling)
            .orElse(List.of()));
  }

  @Override
  public List<TreeNode> tree(String name) {
    List<TreeNode> nodes = new ArrayList<>();
    for (CarrierRecord c : directory.carriers(name)) {
      Optional<NodeRecord> node = directory.node(c.nodeId());
      nodes.add(
          new TreeNode(
              c.nodeId(),
              node.map(NodeRecord::http).orElse(""),
              c.parentId(),
              Math.max(0, c.path().size() - 1),
              c.children(),
              node.map(NodeRecord::maxChildren).orElse(0),
              c.viewers()));
    }
    nodes.sort(Comparator.comparingInt(TreeNode::depth).thenComparing(TreeNode::nodeId));
    return nodes;
  }

  @Override
  public NodeInfo node() {
    return nodeInfo.get();
  }

  @Override
  public Watch watch(String name, Consumer<StreamEvent> listener) {
    Listener entry = new Listener(listener);
    listeners.computeIfAbsent(name, n -> new CopyOnWriteArrayList<>()).add(entry);
    stream(name).ifPresent(entry::state);
    return () ->
        listeners.computeIfPresent(
            name,
            (n, list) -> {
              list.remove(entry);
              return list.isEmpty() ? null : list;
            });
  }

  private void tell(String name) {
    List<Listener> interested = listeners.get(name);
    if (interested != null) {
      Optional<StreamInfo> now = stream(name);
      interested.forEach(l -> now.ifPresentOrElse(l::state, l::ended));
    }
  }

  /** Sends every viewer's page to another node; when this one goes down. */
  void move(String http) {
    listeners.values().forEach(list -> list.forEach(l -> l.tell.accept(new Move(http))));
  }

  /** Whether any page listens. */
  boolean listening() {
    return !listeners.isEmpty();
  }

  private static final class Listener {
    final Consumer<StreamEvent> tell;
    private @Nullable StreamInfo last;

    Listener(Consumer<StreamEvent> tell) {
      this.tell = tell;
    }

    synchronized void state(StreamInfo info) {
      if (!info.equals(last)) {
        last = info;
        tell.accept(new StateChanged(info));
      }
    }

    synchronized void ended() {
      StreamInfo l = last;
      if (l != null && l.state() != State.ENDED) {
        state(
            new StreamInfo(
                l.name(), State.ENDED, l.epoch(), "", l.startedAtMs(), l.viewers(), l.tracks()));
      }
    }
  }
}
