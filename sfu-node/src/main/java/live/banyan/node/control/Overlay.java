package live.banyan.node.control;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletionStage;
import live.banyan.node.data.LayerNeeds;

/** What streams need of the relay tree and its links. */
public interface Overlay {
  /** Takes a stream from a parent; completes with a sentence when refused, empty when attached. */
  CompletionStage<String> want(String stream);

  /** Nobody here needs the stream now. */
  void unwant(String stream);

  /** This node is the stream's ingest; said before the directory is told. */
  void root(String stream, long epoch);

  /** This node is the stream's ingest no more. */
  void unroot(String stream);

  /** The first packet of a parent, or the first after {@link #parentSilent}. */
  void parentFlowing(String stream, String parentId);

  /** A parent sends nothing of a live stream although its link is up. */
  void parentSilent(String stream, String parentId);

  /** How many viewers this node serves, for the tree's records. */
  void viewers(String stream, int count);

  /**
   * Tells a stream's publisher which of its encodings are needed.
   *
   * @param highest index of the highest of them, 0 the lowest
   */
  void layers(String stream, List<String> rids, int highest);

  /** Tells a stream's parents which layers are needed here. */
  void needs(LayerNeeds needs);

  /** A child takes a stream of this node, or no longer. */
  void child(String stream, String nodeId, boolean takes);

  /** A parent gives a stream to this node, or no longer. */
  void parent(String stream, String nodeId, boolean gives);

  /** The transport that carries the link to a node. */
  OptionalLong transportId(String nodeId);

  /** Whether relays flow over the link to a node: then its heartbeat is quick. */
  void carriesRelays(String nodeId, boolean carries);

  /** An SSRC never used before on the link to a node. */
  int nextSsrc(String nodeId);
}
