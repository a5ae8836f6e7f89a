package live.banyan.node.data;

import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import live.banyan.sfu.sctp.ChannelTerms;
import live.banyan.sfu.sctp.Reliability;

/**
 * The way of a message down the tree: from the publisher, or from a parent, to the viewers here and
 * to the children. Owned by the data thread.
 */
final class MessageFanOut {
  // How reliable they are each message says for itself.
  private static final ChannelTerms LINK_RELIABLE = ChannelTerms.reliable("relay");
  private static final ChannelTerms LINK_PARTIAL = ChannelTerms.reliable("relay partial");
  private static final ChannelTerms LINK_UNORDERED =
      new ChannelTerms("relay unordered", "", false, Reliability.FULL);

  private final DataThread thread;
  private final Function<String, DataPeer> reach;
  private final Consumer<DataCount> counts;

  /**
   * @param reach the association with a node, begun where there is none
   */
  MessageFanOut(DataThread thread, Function<String, DataPeer> reach, Consumer<DataCount> counts) {
    this.thread = thread;
    this.reach = reach;
    this.counts = counts;
  }

  /** A session that may publish the stream of that name has sent a message. */
  void onPublished(
      String name,
      StreamMessages stream,
      DataPeer from,
      ChannelTerms terms,
      boolean text,
      byte[] data,
      long nowNs) {
    counts.accept(DataCount.MESSAGES_PUBLISHED);
    if (stream.publisher != from || !stream.begun()) {
      counts.accept(DataCount.DROPPED_BEHIND);
    } else if (!stream.admits(data.length, nowNs)) {
      counts.accept(DataCount.DROPPED_RATE);
    } else {
      forward(stream, new RelayedMessage(name, stream.number(), terms, text, false, data), nowNs);
    }
  }

  /** A node has sent a message; only a parent of the stream may. */
  void onRelayed(String nodeId, byte[] bytes, Map<String, StreamMessages> streams, long nowNs) {
    RelayedMessage message = RelayedMessage.decode(bytes);
    if (message == null) {
      counts.accept(DataCount.DROPPED_MALFORMED);
      return;
    }
    StreamMessages stream = streams.get(message.stream());
    if (stream == null || !stream.parents.contains(nodeId)) {
      counts.accept(DataCount.DROPPED_STRANGER);
    } else if (message.replayed() && stream.seen.isEmpty()) {
      counts.accept(DataCount.DROPPED_REPEATED); // from before anybody here watched
    } else if (!stream.seen.add(message.number())) {
      counts.accept(DataCount.DROPPED_REPEATED);
    } else {
      counts.accept(DataCount.MESSAGES_RELAYED_IN);
      forward(stream, message, nowNs);
    }
  }

  private void forward(StreamMessages stream, RelayedMessage message, long nowNs) {
    for (DataPeer viewer : stream.viewers) {
      boolean sent = viewer.send(message.terms(), message.text(), message.data(), nowNs);
      counts.accept(sent ? DataCount.MESSAGES_TO_VIEWERS : DataCount.DROPPED_BEHIND);
      thread.schedule(viewer);
    }
    stream.keep(message, nowNs);
    if (!stream.children.isEmpty()) {
      byte[] encoded = message.encode();
      for (String child : stream.children) {
        relay(reach.apply(child), message, encoded, nowNs);
      }
    }
  }

  /** A child may come from a parent that has died with messages under way. */
  void replay(StreamMessages stream, DataPeer child, long nowNs) {
    for (RelayedMessage message : stream.lately(nowNs)) {
      relay(child, message, message.again().encode(), nowNs);
    }
  }

  private void relay(DataPeer node, RelayedMessage message, byte[] encoded, long nowNs) {
    Reliability reliability = message.terms().reliability();
    boolean sent = node.send(linkChannel(message.terms()), encoded, reliability, nowNs);
    counts.accept(sent ? DataCount.MESSAGES_TO_NODES : DataCount.DROPPED_BEHIND);
    thread.schedule(node);
  }

  /** What may be lost does not wait, in its order, for what may not. */
  private static ChannelTerms linkChannel(ChannelTerms terms) {
    return !terms.ordered()
        ? LINK_UNORDERED
        : terms.reliability().equals(Reliability.FULL) ? LINK_RELIABLE : LINK_PARTIAL;
  }
}
