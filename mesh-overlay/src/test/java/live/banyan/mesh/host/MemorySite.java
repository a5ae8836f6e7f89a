package live.banyan.mesh.host;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import live.banyan.mesh.Directory;
import live.banyan.mesh.LinkTransport;
import live.banyan.mesh.NodeRecord;

/** A site in memory: one directory that all see alike, and links that come up when asked for. */
final class MemorySite {
  private final Map<String, NodeRecord> nodes = new ConcurrentHashMap<>();
  private final Map<String, Directory.StreamRecord> streams = new ConcurrentHashMap<>();
  private final Map<String, Directory.CarrierRecord> carriers = new ConcurrentHashMap<>();
  private final List<BiConsumer<Directory.Change, String>> listeners = new CopyOnWriteArrayList<>();
  private final Map<String, Links> links = new ConcurrentHashMap<>();
  private final Set<String> up = ConcurrentHashMap.newKeySet();
  private final AtomicInteger carriersTold = new AtomicInteger();

  /** Carrier records that nodes have told so far. */
  int carriersTold() {
    return carriersTold.get();
  }

  Directory directory(NodeRecord self) {
    return new View(self);
  }

  LinkTransport links(String nodeId) {
    return links.computeIfAbsent(nodeId, Links::new);
  }

  boolean linked(String a, String b) {
    return up.contains(name(a, b));
  }

  /** The node is gone, without a word. */
  void kill(String nodeId) {
    links.forEach(
        (peer, far) -> {
          if (up.remove(name(nodeId, peer))) {
            far.listener.accept(new LinkTransport.Down(nodeId, "killed"));
          }
        });
    links.remove(nodeId);
    nodes.remove(nodeId);
    carriers.values().removeIf(c -> c.nodeId().equals(nodeId));
    streams.values().removeIf(s -> s.ingestNodeId().equals(nodeId));
    tell(Directory.Change.CARRIER, "s");
    tell(Directory.Change.NODE_LEFT, nodeId);
  }

  private void tell(Directory.Change change, String key) {
    listeners.forEach(listener -> listener.accept(change, key));
  }

  private static String name(String a, String b) {
    return a.compareTo(b) < 0 ? a + b : b + a;
  }

  final class Links implements LinkTransport {
    private final String self;
    private volatile Consumer<LinkEvent> listener = event -> {};

    Links(String self) {
      this.self = self;
    }

    @Override
    public void connect(NodeRecord peer) {
      Links other = links.get(peer.nodeId());
      if (other == null) {
        listener.accept(new Down(peer.nodeId(), "nobody there"));
      } else {
        up.add(name(self, peer.nodeId()));
        listener.accept(new Up(peer.nodeId()));
        other.listener.accept(new Up(self));
      }
    }

    @Override
    public void disconnect(String nodeId) {
      up.remove(name(self, nodeId));
    }

    @Override
    public boolean send(String nodeId, byte[] message) {
      Links other = links.get(nodeId);
      if (other == null || !linked(self, nodeId)) {
        return false;
      }
      other.listener.accept(new Received(self, message));
      return true;
    }

    @Override
    public void listen(Consumer<LinkEvent> consumer) {
      listener = consumer;
    }

    @Override
    public long rttNs(String nodeId) {
      return linked(self, nodeId) ? 1_000_000 : -1;
    }
  }

  private final class View implements Directory {
    private volatile NodeRecord self;

    View(NodeRecord self) {
      this.self = self;
      announce(self);
    }

    @Override
    public NodeRecord self() {
      return self;
    }

    @Override
    public void announce(NodeRecord changed) {
      self = changed;
      Change change =
          nodes.put(changed.nodeId(), changed) == null ? Change.NODE_JOINED : Change.NODE_CHANGED;
      tell(change, changed.nodeId());
    }

    @Override
    public List<NodeRecord> nodes() {
      return List.copyOf(nodes.values());
    }

    @Override
    public Optional<NodeRecord> node(String nodeId) {
      return Optional.ofNullable(nodes.get(nodeId));
    }

    @Override
    public void putStream(StreamRecord stream) {
      streams.put(stream.name(), stream);
      tell(Change.STREAM, stream.name());
    }

    @Override
    public void removeStream(String name) {
      streams.remove(name);
      tell(Change.STREAM, name);
    }

    @Override
    public Optional<StreamRecord> stream(String name) {
      return Optional.ofNullable(streams.get(name));
    }

    @Override
    public List<StreamRecord> streams() {
      return List.copyOf(streams.values());
    }

    @Override
    public void putCarrier(CarrierRecord carrier) {
      carriersTold.incrementAndGet();
      carriers.put(carrier.stream() + " " + carrier.nodeId(), carrier);
      tell(Change.CARRIER, carrier.stream());
    }

    @Override
    public void removeCarrier(String stream) {
      carriers.remove(stream + " " + self.nodeId());
      tell(Change.CARRIER, stream);
    }

    @Override
    public List<CarrierRecord> carriers(String stream) {
      List<CarrierRecord> all = new ArrayList<>(carriers.values());
      all.removeIf(c -> !c.stream().equals(stream));
      all.sort(Comparator.comparingInt(c -> c.path().size()));
      return all;
    }

    @Override
    public void listen(BiConsumer<Change, String> listener) {
      listeners.add(listener);
    }

    @Override
    public CompletionStage<byte[]> request(String nodeId, String topic, byte[] body) {
      return CompletableFuture.failedFuture(new IllegalStateException("not in this test"));
    }

    @Override
    public void answer(String topic, Function<Request, CompletionStage<byte[]>> handler) {
      throw new IllegalStateException("not in this test");
    }

    @Override
    public void close() {}
  }
}
