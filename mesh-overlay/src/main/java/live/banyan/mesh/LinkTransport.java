package live.banyan.mesh;

import java.util.function.Consumer;

/**
 * Authenticated links to other nodes, for control datagrams beside media. Implemented by {@code
 * sfu.relay}. Safe from any thread; callbacks come on one thread in order.
 */
public interface LinkTransport {
  /** Largest control message in bytes: one DTLS record in one datagram. */
  int MESSAGE_BYTES_MAX = 1100;

  /** Asks for a link; idempotent. Up or Down follows. */
  void connect(NodeRecord peer);

  /** Closes a link when nothing needs it. */
  void disconnect(String nodeId);

  /** Sends one unreliable control message; false when there is no link. */
  boolean send(String nodeId, byte[] message);

  /** Registers the one listener. */
  void listen(Consumer<LinkEvent> listener);

  /** Round trip of a link in nanoseconds, smoothed; -1 where there is none or it is unmeasured. */
  long rttNs(String nodeId);

  /** What happens to links. */
  sealed interface LinkEvent {
    String nodeId();
  }

  /** The peer has proved its certificate's fingerprint; messages flow. */
  record Up(String nodeId) implements LinkEvent {}

  /** Gone: never came up, closed, or silent. */
  record Down(String nodeId, String sentence) implements LinkEvent {}

  /** A control message arrived. */
  @SuppressWarnings("ArrayRecordComponent") // bytes on their way; nobody changes them
  record Received(String nodeId, byte[] message) implements LinkEvent {}
}
