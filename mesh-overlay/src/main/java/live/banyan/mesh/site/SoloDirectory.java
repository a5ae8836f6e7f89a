package live.banyan.mesh.site;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import live.banyan.mesh.NodeRecord;

/** The directory of a node without a site: in memory, nobody else in it, no Hazelcast loaded. */
public final class SoloDirectory extends RecordedDirectory {
  private final Map<String, Function<Request, CompletionStage<byte[]>>> handlers =
      new ConcurrentHashMap<>();

  public SoloDirectory(NodeRecord self) {
    super(self);
    put(new SiteRecord.Node(self));
  }

  @Override
  public CompletionStage<byte[]> request(String nodeId, String topic, byte[] body) {
    Function<Request, CompletionStage<byte[]>> handler = handlers.get(topic);
    if (!nodeId.equals(self().nodeId()) || handler == null) {
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

  @Override
  void tellOthers(long version, SiteRecord record) {}
}
