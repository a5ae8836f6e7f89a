package live.banyan.node.control;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import live.banyan.signaling.port.MediaPlane.Kind;
import org.jspecify.annotations.Nullable;

/** A stream as this node holds it: one epoch's tracks, who feeds them, who takes them. */
final class LocalStream {
  /** Where the media enters this node. */
  enum Role {
    /** A publisher is, or was, connected here. */
    INGEST,
    /** A parent node sends it. */
    RELAY
  }

  /** A viewer's subscriptions by kind of media. */
  record Viewer(Map<Kind, Long> subscriptions) {}

  final String name;
  Role role;
  long epoch;
  StreamDescription description;
  long[] trackIds;

  /** Media has arrived in this epoch and its publisher is there. */
  boolean live;

  /** The relay tree has been asked for it, and has not given up. */
  boolean wanted;

  long wantedAtMs;
  long startedAtMs;

  @Nullable String ingestSession;
  @Nullable ScheduledFuture<?> farewell;

  /** By session id. */
  final Map<String, Viewer> viewers = new LinkedHashMap<>();

  /** Relay subscriptions by child node id. */
  final Map<String, List<Long>> children = new HashMap<>();

  /** The layers that are needed here, by track: a bit each; 0 while nothing is known. */
  int[] needs = {};

  long needsToldMs;

  /** Parents that feed the tracks; two while changing. */
  final Set<String> parents = new HashSet<>();

  /**
   * What parents offer of a later epoch, by parent: the relay tree's word may be here before the
   * directory's, which describes the tracks. As many as {@link #parents}.
   */
  final Map<String, LinkDescription> upcoming = new HashMap<>();

  LocalStream(
      String name,
      Role role,
      long epoch,
      StreamDescription description,
      long[] trackIds,
      long nowMs) {
    this.name = name;
    this.role = role;
    this.epoch = epoch;
    this.description = description;
    this.trackIds = trackIds;
    this.startedAtMs = nowMs;
  }

  /** The track that a viewer of a kind gets, or -1. */
  long trackOf(Kind kind) {
    int index = description.indexOf(kind);
    return index < 0 || index >= trackIds.length ? -1 : trackIds[index];
  }

  boolean feeds(long trackId) {
    for (long id : trackIds) {
      if (id == trackId) {
        return true;
      }
    }
    return false;
  }

  void cancelFarewell() {
    ScheduledFuture<?> f = farewell;
    if (f != null) {
      f.cancel(false);
      farewell = null;
    }
  }
}
