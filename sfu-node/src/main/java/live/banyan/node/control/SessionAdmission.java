package live.banyan.node.control;

import live.banyan.mesh.Directory;
import live.banyan.signaling.port.MediaPlane.Found;
import live.banyan.signaling.port.MediaPlane.Lookup;
import live.banyan.signaling.port.MediaPlane.Reason;
import live.banyan.signaling.port.MediaPlane.Refused;
import org.jspecify.annotations.Nullable;

/**
 * Whether a newcomer may come in, what there is for it to watch, and the sentence for one that is
 * turned away. Owned by the control thread.
 */
final class SessionAdmission {
  private final Streams streams;
  private final Directory directory;
  private final int sessionsMax;
  private boolean draining;

  SessionAdmission(Streams streams, Directory directory, int sessionsMax) {
    this.streams = streams;
    this.directory = directory;
    this.sessionsMax = sessionsMax;
  }

  /** From now on newcomers are sent elsewhere. */
  void drain() {
    draining = true;
  }

  /**
   * Why no further session may open; null when it may.
   *
   * @param sessions how many there are
   */
  @Nullable Refused refusal(int sessions) {
    if (draining) {
      return draining();
    }
    return sessions >= sessionsMax
        ? new Refused(Reason.OVERLOADED, "This node is full: use another node, or try later.")
        : null;
  }

  /** Looks for a live stream, here and then in the directory; one from elsewhere is fetched. */
  Lookup find(String name) {
    if (draining) {
      return draining();
    }
    LocalStream here = streams.get(name);
    if (here != null && here.live) {
      return new Found(here.description.forSignaling());
    }
    var record = directory.stream(name);
    if (record.isEmpty()) {
      return here != null && here.ingestSession != null
          ? notLive()
          : new Refused(
              Reason.UNKNOWN_STREAM,
              "No such stream here: check the name, or ask the broadcaster to go live.");
    }
    if (!record.get().live()) {
      return notLive();
    }
    if (here == null) {
      here = streams.relay(record.get()).orElse(null);
    }
    return here == null ? notLive() : new Found(here.description.forSignaling());
  }

  static Refused notLive() {
    return new Refused(
        Reason.NOT_LIVE, "The broadcaster is not sending right now: try again shortly.");
  }

  private static Refused draining() {
    return new Refused(Reason.DRAINING, "This node is going down: use another node of the site.");
  }
}
