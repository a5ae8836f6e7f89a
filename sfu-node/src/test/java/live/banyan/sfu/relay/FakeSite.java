package live.banyan.sfu.relay;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import live.banyan.mesh.Directory;
import live.banyan.mesh.NodeRecord;

/** A site in memory: a directory per node, requests on threads of their own. */
final class FakeSite {
  private final Map<String, NodeRecord> records = new ConcurrentHashMap<>();
  private final Map<String, Function<Directory.Request, CompletionStage<byte[]>>> handlers =
      new ConcurrentHashMap<>();

  Directory join(NodeRecord self) {
    records.put(self.nodeId(), self);
    return new Member(self.nodeId());
  }

  void leave(String nodeId) {
    records.remove(nodeId);
    handlers.remove(nodeId);
  }

  void put(NodeRecord record) {
    records.put(record.nodeId(), record);
  }

  /** Sends a request as any member may, whatever it holds. */
  CompletableFuture<byte[]> request(String from, String to, byte[] body) {
    return CompletableFuture.supplyAsync(() -> handlers.get(to), Thread::startVirtualThread)
        .thenCompose(
            handler ->
                handler == null
                    ? CompletableFuture.failedFuture(new IllegalStateException("nobody there"))
                    : handler.apply(new Directory.Request(from, body)));
  }

  private final class Member implements Directory {
    private final String id;

    Member(String id) {
      this.id = id;
    }

    @Override
    public NodeRecord self() {
      return node(id).orElseThrow();
    }

    @Override
    public void announce(NodeRecord self) {
      records.put(id, self);
    }

    @Override
    public List<NodeRecord> nodes() {
      return new ArrayList<>(records.values());
    }

    @Override
    public Optional<NodeRecord> node(String nodeId) {
      return Optional.ofNullable(records.get(nodeId));
    }

    @Override
    public CompletionStage<byte[]> request(String nodeId, String topic, byte[] body) {
      return FakeSite.this.request(id, nodeId, body);
    }

    @Override
    public void answer(String topic, Function<Request, CompletionStage<byte[]>> handler) {
      handlers.put(id, handler);
    }

    @Override
    public void putStream(StreamRecord stream) {}

    @Override
    public void removeStream(String name) {}

    @Override
    public Optional<StreamRecord> stream(String name) {
      return Optional.empty();
    }

    @Override
    public List<StreamRecord> streams() {
      return List.of();
    }

    @Override
    public void putCarrier(CarrierRecord carrier) {}

    @Override
    public void removeCarrier(String stream) {}

    @Override
    public List<CarrierRecord> carriers(String stream) {
      return List.of();
    }

    @Override
    public void listen(BiConsumer<Change, String> listener) {}

    @Override
    public void close() {
      leave(id);
    }
  }
}
