package live.banyan.signaling.port;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The streams that this node's site knows. Reads are local and quick; safe from any thread. */
public interface StreamDirectory {
  /** Live streams and those that wait for their broadcaster, by name. */
  List<StreamInfo> streams();

  Optional<StreamInfo> stream(String name);

  /** The relay tree of a stream, root first; empty when unknown. */
  List<TreeNode> tree(String name);

  /** Calls back on every change of a stream, first with its present state, until closed. */
  Watch watch(String name, Consumer<StreamEvent> listener);

  /** This node, for {@code GET /api/v1/node}. */
  NodeInfo node();

  /**
   * A stream as viewers see it.
   *
   * @param epoch grows when the ingest changes
   * @param ingest URL of the node that the publisher is connected to
   * @param startedAtMs start of this epoch, wall clock in ms
   * @param viewers in the whole site, as last told
   */
  record StreamInfo(
      String name,
      State state,
      long epoch,
      String ingest,
      long startedAtMs,
      int viewers,
      List<MediaPlane.TrackDescription> tracks) {}

  /** State of a stream. */
  enum State {
    LIVE,
    /** The broadcaster is gone; viewers' sessions last 60 s. */
    WAITING,
    /** Known no more. */
    ENDED
  }

  /**
   * One node of a stream's tree.
   *
   * @param parentId empty at the root
   */
  record TreeNode(
      String nodeId,
      String http,
      String parentId,
      int depth,
      int children,
      int maxChildren,
      int viewers) {}

  /** What a viewer's page is told while it watches. */
  sealed interface StreamEvent permits StateChanged, Move {}

  /** The stream is now as given. */
  record StateChanged(StreamInfo stream) implements StreamEvent {}

  /** This node is going down: play from {@code http} (base URL of another node) instead. */
  record Move(String http) implements StreamEvent {}

  /** Ends a registration. */
  interface Watch extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * What a node tells of itself.
   *
   * @param publications streams that it holds, as their ingest or as a relay
   * @param subscriptions viewers connected to it
   * @param children relays that it serves
   */
  record NodeInfo(
      String nodeId,
      String version,
      String site,
      String http,
      String state,
      long startedAtMs,
      int publications,
      int subscriptions,
      int children,
      int maxChildren,
      long bitsPerSecondIn,
      long bitsPerSecondOut,
      String udpPath,
      String cryptoPath,
      List<Peer> peers) {}

  /** Another node of the site, with the link to it where there is one (-1: unmeasured). */
  record Peer(String nodeId, String http, boolean linked, double rttMs, double loss) {}
}
