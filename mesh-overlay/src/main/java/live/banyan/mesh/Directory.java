package live.banyan.mesh;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Function;

/**
 * Who is there and who carries what. Reads are local and quick. Implemented by {@code mesh.site}
 * over Hazelcast, and in memory for a node without a site. Safe from any thread.
 */
public interface Directory extends AutoCloseable {
  NodeRecord self();

  /** Publishes a changed record of this node. */
  void announce(NodeRecord self);

  List<NodeRecord> nodes();

  Optional<NodeRecord> node(String nodeId);

  /** Publishes a stream whose ingest is this node; the higher epoch wins, ties by node id. */
  void putStream(StreamRecord stream);

  /** Withdraws a stream, if this node still owns it. */
  void removeStream(String name);

  Optional<StreamRecord> stream(String name);

  List<StreamRecord> streams();

  /** Publishes what this node carries of a stream. */
  void putCarrier(CarrierRecord carrier);

  void removeCarrier(String stream);

  /** All nodes that carry a stream, the ingest included. */
  List<CarrierRecord> carriers(String stream);

  /** Calls back after any change, with its kind and key (node id or stream name). */
  void listen(BiConsumer<Change, String> listener);

  /** Asks another node over the site's bus; at most 16 KiB; fails within 2 s. */
  CompletionStage<byte[]> request(String nodeId, String topic, byte[] body);

  /** Answers requests of a topic. */
  void answer(String topic, Function<Request, CompletionStage<byte[]>> handler);

  @Override
  void close();

  /** Who asks, and what. The sender is a member of the site, trusted as far as the site is. */
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody changes them
  record Request(String fromNodeId, byte[] body) {}

  /** What changed. */
  enum Change {
    NODE_JOINED,
    NODE_CHANGED,
    NODE_LEFT,
    STREAM,
    CARRIER
  }

  /**
   * A stream as its ingest describes it.
   *
   * @param description opaque to the overlay: tracks and codecs as {@code sfu-node} writes them
   */
  record StreamRecord(
      String name,
      long epoch,
      String ingestNodeId,
      boolean live,
      long startedAtMs,
      String description) {}

  /**
   * A node's place in a stream's tree.
   *
   * @param parentId empty at the ingest
   * @param path node ids from the ingest to this node, inclusive
   */
  record CarrierRecord(
      String stream,
      String nodeId,
      long epoch,
      String parentId,
      List<String> path,
      int children,
      int freeSlots,
      int viewers) {}
}
