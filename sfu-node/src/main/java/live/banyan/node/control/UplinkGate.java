package live.banyan.node.control;

import java.util.Optional;

/**
 * Whether the owner of this node lets a stream leave it. Asked before anything is opened, and told
 * of each end; on the control thread.
 */
public interface UplinkGate {
  /** Everybody may have everything, within the node's slots and sessions. */
  UplinkGate OPEN =
      new UplinkGate() {
        @Override
        public Optional<String> child(String stream, String nodeId) {
          return Optional.empty();
        }

        @Override
        public void childLeft(String stream, String nodeId) {}

        @Override
        public Optional<String> viewer(String stream, String sessionId) {
          return Optional.empty();
        }

        @Override
        public void viewerLeft(String sessionId) {}
      };

  /** A node would take a stream from here; empty when it may, else why not, as a sentence. */
  Optional<String> child(String stream, String nodeId);

  /** It takes it no more; without effect where it did not. */
  void childLeft(String stream, String nodeId);

  /** A viewer would be served from here; empty when it may, else why not, as a sentence. */
  Optional<String> viewer(String stream, String sessionId);

  /** It is gone; without effect where it was not served. */
  void viewerLeft(String sessionId);
}
