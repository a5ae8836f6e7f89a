package live.banyan.node.data;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import live.banyan.sfu.sctp.ChannelTerms;

/**
 * Who is told which layers are needed: a publisher's page on the channel that it has with its node,
 * parents on the association that the link has. Each word replaces the one before, and control
 * repeats them, so that one that is lost or comes too early does no harm. Owned by the data thread.
 */
final class LayerNotices {
  /** The channel to a parent. */
  static final String LINK_LABEL = "layers";

  /** What a child may say per second, and at once: 200 streams that all change now. */
  private static final int PER_SECOND = 200;

  private static final int BURST = 1_000;

  private final DataThread thread;
  private final Function<String, DataPeer> reach;
  private final Consumer<DataCount> counts;
  private final Map<String, TokenBucket> children = new HashMap<>();
  private volatile BiConsumer<String, LayerNeeds> listener = (nodeId, needs) -> {};

  /**
   * @param reach the association with a node, begun where there is none
   */
  LayerNotices(DataThread thread, Function<String, DataPeer> reach, Consumer<DataCount> counts) {
    this.thread = thread;
    this.reach = reach;
    this.counts = counts;
  }

  /** Hears what children say; on the data thread. */
  void listen(BiConsumer<String, LayerNeeds> to) {
    listener = to;
  }

  /** To the page that publishes a stream, where it listens. */
  void tellPublisher(StreamMessages stream, long nowNs) {
    DataPeer publisher = stream.publisher;
    if (publisher == null || !publisher.has(DataPlane.NODE_LABEL) || stream.layers.isEmpty()) {
      return;
    }
    byte[] text = stream.layers.getBytes(StandardCharsets.UTF_8);
    ChannelTerms terms = ChannelTerms.reliable(DataPlane.NODE_LABEL);
    boolean told = publisher.send(terms, true, text, nowNs);
    counts.accept(told ? DataCount.LAYERS_TOLD : DataCount.DROPPED_BEHIND);
    thread.schedule(publisher);
  }

  /** To all parents of a stream; one whose association is not up yet is told when it is. */
  void tellParents(StreamMessages stream, long nowNs) {
    for (String parent : stream.parents) {
      tellParent(stream, reach.apply(parent), nowNs);
    }
  }

  void tellParent(StreamMessages stream, DataPeer parent, long nowNs) {
    LayerNeeds needs = stream.needs;
    if (needs == null || !parent.isUp()) {
      return;
    }
    ChannelTerms terms = ChannelTerms.reliable(LINK_LABEL);
    boolean told = parent.send(terms, false, needs.encode(), nowNs);
    counts.accept(told ? DataCount.NEEDS_TOLD : DataCount.DROPPED_BEHIND);
    thread.schedule(parent);
  }

  /** A node has said what it needs. */
  void onNeeds(String nodeId, byte[] bytes, Map<String, StreamMessages> streams, long nowNs) {
    TokenBucket bucket =
        children.computeIfAbsent(nodeId, unused -> new TokenBucket(PER_SECOND, BURST, nowNs));
    if (!bucket.has(1, nowNs)) {
      counts.accept(DataCount.DROPPED_RATE);
      return;
    }
    bucket.take(1);
    LayerNeeds needs = LayerNeeds.decode(bytes);
    StreamMessages stream = needs == null ? null : streams.get(needs.stream());
    if (needs == null) {
      counts.accept(DataCount.DROPPED_MALFORMED);
    } else if (stream == null || !stream.children.contains(nodeId)) {
      counts.accept(DataCount.DROPPED_STRANGER);
    } else {
      counts.accept(DataCount.NEEDS_HEARD);
      listener.accept(nodeId, needs);
    }
  }

  /** The link to a node is gone. */
  void forget(String nodeId) {
    children.remove(nodeId);
  }
}
