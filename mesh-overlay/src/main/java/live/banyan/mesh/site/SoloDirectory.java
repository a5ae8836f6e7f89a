package live.banyan.mesh.site;

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

/** The directory of a node without a site: in memory, nobody else in it, no Hazelcast loaded. */
public final class SoloDirectory implements Directory {
  private static final String OWN = "";

  private final DirectoryRecords records = new DirectoryRecords();
  private final Callbacks callbacks = new Callbacks();
  private final Map<String, Function<Request, CompletionStage<byte[]>>> handlers =
      new ConcurrentHashMap<>();
  private volatile NodeRecord self;

  public SoloDirectory(NodeRecord self) {
    this.self = self;
    put(new SiteRecord.Node(self));
  }

  @Override
  public NodeRecord self() {
    return self;
  }

  @Override
  public void announce(NodeRecord changed) {
    self = changed;
    put(new SiteRecord.Node(changed));
  }

  @Override
  public List<NodeRecord> nodes() {
    return records.nodes();
  }

  @Override
  public Optional<NodeRecord> node(String nodeId) {
    return records.node(nodeId);
  }

  @Override
  public void putStream(StreamRecord stream) {
    put(new SiteRecord.Stream(stream));
  }

  @Override
  public void removeStream(String name) {
    put(new SiteRecord.NoStream(name));
  }

  @Override
  public Optional<StreamRecord> stream(String name) {
    return records.stream(name);
  }

  @Override
  public List<StreamRecord> streams() {
    return records.streams();
  }

  @Override
  public void putCarrier(CarrierRecord carrier) {
    put(new SiteRecord.Carrier(carrier));
  }

  @Override
  public void removeCarrier(String stream) {
    put(new SiteRecord.NoCarrier(stream));
  }

  @Override
  public List<CarrierRecord> carriers(String stream) {
    return records.carriers(stream);
  }

  @Override
  public void listen(BiConsumer<Change, String> listener) {
    callbacks.listen(listener);
  }

  @Override
  public CompletionStage<byte[]> request(String nodeId, String topic, byte[] body) {
    Function<Request, CompletionStage<byte[]>> handler = handlers.get(topic);
    if (!nodeId.equals(self.nodeId()) || handler == null) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("node " + nodeId + " does not answer " + topic));
    }
    return handler.apply(new Request(nodeId, body));
  }

  @Override
  public void answer(String topic, Function<Request, CompletionStage<byte[]>> handler) {
    handlers.put(topic, handler);
  }

  @Override
  public void close() {
    callbacks.close();
  }

  private void put(SiteRecord record) {
    synchronized (records) {
      List<DirectoryRecords.Told> told = records.put(OWN, record);
      callbacks.run(() -> callbacks.tell(told));
    }
  }
}
