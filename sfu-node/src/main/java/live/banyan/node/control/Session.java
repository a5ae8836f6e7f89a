package live.banyan.node.control;

import java.util.List;
import java.util.Map;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.RemoteSession;
import org.jspecify.annotations.Nullable;

/** One WHIP or WHEP session: a transport with what hangs on it. Owned by the control thread. */
final class Session {
  /** What a session is for. */
  enum Purpose {
    PUBLISH,
    WATCH
  }

  final String id;
  final String stream;
  final Purpose purpose;
  final long transportId;
  final RemoteSession remote;
  final long openedNs;

  Handshakes.@Nullable Association dtls;

  /** The shard has closed the transport by itself. Read by the threads of DTLS, too. */
  volatile boolean transportGone;

  boolean keyed;

  /** Media has left towards this viewer. */
  boolean flowing;

  /** Subscriptions of a viewer, by kind. */
  Map<Kind, Long> subscriptions = Map.of();

  /** What a publisher sends, once negotiated. */
  @Nullable StreamDescription description;

  /** Accepted m-sections of a publisher, one per track of {@link #description}. */
  List<Integer> sections = List.of();

  Session(
      String id,
      String stream,
      Purpose purpose,
      long transportId,
      RemoteSession remote,
      long openedNs) {
    this.id = id;
    this.stream = stream;
    this.purpose = purpose;
    this.transportId = transportId;
    this.remote = remote;
    this.openedNs = openedNs;
  }
}
