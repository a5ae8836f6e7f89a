package live.banyan.node.control;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import live.banyan.mesh.Directory;
import live.banyan.mesh.Directory.StreamRecord;
import live.banyan.node.control.LocalStream.Role;
import live.banyan.node.control.LocalStream.Viewer;
import live.banyan.node.data.LayerNeeds;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.signaling.port.MediaPlane.Kind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The streams that this node holds. Owned by the control thread: every method is called there.
 *
 * <p>A stream outlives its publisher by {@code waitingMs}: viewers keep their sessions and go on
 * with the next epoch, wherever that enters the site.
 */
final class Streams {
  private static final Logger log = LoggerFactory.getLogger(Streams.class);

  private final Map<String, LocalStream> byName = new HashMap<>();
  private final AtomicLong ids;
  private final ControlThread control;
  private final Consumer<ShardCommand> shard;
  private final Directory directory;
  private final Overlay overlay;
  private final Relays relays;
  private final StreamTracks tracks;
  private final Demand demand;
  private final StreamNeeds needs;
  private final long waitingMs;

  /**
   * Set once by the session table: (session id, why) for sessions that a stream's end takes along.
   */
  private BiConsumer<String, String> endSession = (session, why) -> {};

  Streams(
      ControlThread control,
      Consumer<ShardCommand> shard,
      Directory directory,
      Overlay overlay,
      AtomicLong ids,
      long waitingMs,
      List<String> pinned,
      UplinkGate gate) {
    this.control = control;
    this.shard = shard;
    this.directory = directory;
    this.overlay = overlay;
    this.ids = ids;
    this.waitingMs = waitingMs;
    this.relays = new Relays(shard, overlay, ids, byName.values(), gate);
    this.tracks = new StreamTracks(shard, relays, ids);
    this.needs = new StreamNeeds(overlay);
    this.demand = new Demand(control, overlay, pinned, stream -> byName.get(stream.name) == stream);
  }

  void onSessionToEnd(BiConsumer<String, String> ender) {
    endSession = ender;
  }

  @Nullable LocalStream get(String name) {
    return byName.get(name);
  }

  Collection<LocalStream> all() {
    return byName.values();
  }

  // --- ingest -----------------------------------------------------------------------------------

  /**
   * A publisher of this node has its keys: the stream's next epoch begins.
   *
   * @param extensions identifiers per track, as negotiated
   * @param sources makes the sources once the track ids are known
   */
  void ingest(
      String name,
      String sessionId,
      StreamDescription description,
      List<ExtensionMap> extensions,
      Function<long[], List<ShardCommand.AddSource>> sources) {
    long epoch = nextEpoch(name);
    LocalStream stream = byName.get(name);
    if (stream == null) {
      stream =
          new LocalStream(
              name, Role.INGEST, epoch, description, new long[0], System.currentTimeMillis());
      byName.put(name, stream);
    } else {
      String former = stream.ingestSession;
      if (former != null && !former.equals(sessionId)) {
        stream.ingestSession = null;
        endSession.accept(former, "replaced by another publisher of the stream");
      }
      leaveParents(stream);
      stream.upcoming.clear();
    }
    stream.ingestSession = sessionId;
    stream.role = Role.INGEST;
    stream.cancelFarewell();
    tracks.begin(stream, epoch, description, extensions);
    sources.apply(stream.trackIds).forEach(shard);
    overlay.root(name, epoch);
    publish(stream);
    log.info("stream {} enters here, epoch {}", name, epoch);
  }

  private long nextEpoch(String name) {
    // Wall clock, so that an epoch also grows when this node, or the whole site, has restarted.
    long known = directory.stream(name).map(StreamRecord::epoch).orElse(0L);
    LocalStream here = byName.get(name);
    long own = here == null ? 0 : here.epoch;
    return Math.max(Math.max(known, own) + 1, System.currentTimeMillis());
  }

  private void leaveParents(LocalStream stream) {
    if (stream.role == Role.RELAY) {
      demand.unwant(stream);
    }
    relays.detachAll(stream);
  }

  /** The first packet of a source: of a publisher it means that viewers may come. */
  void flowing(long trackId, long transportId) {
    for (LocalStream stream : byName.values()) {
      if (!stream.feeds(trackId)) {
        continue;
      }
      if (stream.role == Role.RELAY) {
        relays.withParent(
            stream, transportId, parent -> overlay.parentFlowing(stream.name, parent));
      } else if (!stream.live) {
        stream.live = true;
        stream.startedAtMs = System.currentTimeMillis();
        publish(stream);
      }
    }
  }

  /** A source's media has stopped; of a parent, the tree decides what that means. */
  void silent(long trackId, long transportId) {
    for (LocalStream stream : byName.values()) {
      if (stream.feeds(trackId) && stream.live && stream.role == Role.RELAY) {
        relays.withParent(stream, transportId, parent -> overlay.parentSilent(stream.name, parent));
      }
    }
  }

  /**
   * The publisher's session is over.
   *
   * @param deliberate it said so (DELETE, RTCP BYE), so that the stream has ended; else its viewers
   *     wait for it
   */
  void ingestEnded(String name, String sessionId, boolean deliberate) {
    LocalStream stream = byName.get(name);
    if (stream == null || !sessionId.equals(stream.ingestSession)) {
      return;
    }
    stream.ingestSession = null;
    stream.live = false;
    tracks.end(stream);
    overlay.unroot(name);
    if (deliberate) {
      directory.removeStream(name);
      log.info("stream {} has ended", name);
    } else {
      publish(stream);
      log.info("stream {} waits for its broadcaster", name);
    }
    sayFarewell(stream);
  }

  private void publish(LocalStream stream) {
    directory.putStream(
        new StreamRecord(
            stream.name,
            stream.epoch,
            directory.self().nodeId(),
            stream.live,
            stream.startedAtMs,
            stream.description.toJson()));
  }

  // --- relay ------------------------------------------------------------------------------------

  /** Takes a live stream from the site; its tracks exist at once, its packets come later. */
  Optional<LocalStream> relay(StreamRecord record) {
    Optional<LocalStream> stream = hold(record);
    stream.ifPresent(demand::want);
    return stream;
  }

  /** Makes the tracks of a stream of the site, and asks nobody for it. */
  private Optional<LocalStream> hold(StreamRecord record) {
    Optional<StreamDescription> description = StreamDescription.parse(record.description());
    if (description.isEmpty()) {
      log.warn("stream {}: its ingest describes it in a way that cannot be read", record.name());
      return Optional.empty();
    }
    LocalStream stream =
        new LocalStream(
            record.name(),
            Role.RELAY,
            record.epoch(),
            description.get(),
            new long[0],
            System.currentTimeMillis());
    byName.put(record.name(), stream);
    stream.cancelFarewell();
    tracks.begin(stream, record.epoch(), description.get(), relayExtensions(description.get()));
    stream.live = record.live();
    stream.startedAtMs = record.startedAtMs();
    return Optional.of(stream);
  }

  private static List<ExtensionMap> relayExtensions(StreamDescription description) {
    return description.tracks().stream().map(t -> ExtensionMap.RELAY).toList();
  }

  /** The directory tells something new of a stream. */
  void directoryChanged(String name) {
    LocalStream stream = byName.get(name);
    Optional<StreamRecord> record = directory.stream(name);
    if (stream == null) {
      if (demand.isPinned(name) && record.isPresent() && record.get().live()) {
        relay(record.get());
      }
      return;
    }
    if (record.isEmpty()) {
      if (stream.role == Role.RELAY && stream.live) {
        stream.live = false;
        sayFarewell(stream);
      }
      return;
    }
    follow(stream, record.get());
  }

  private void follow(LocalStream stream, StreamRecord record) {
    boolean ours = record.ingestNodeId().equals(directory.self().nodeId());
    if (ours || record.epoch() < stream.epoch) {
      return;
    }
    if (record.epoch() > stream.epoch) {
      Optional<StreamDescription> description = StreamDescription.parse(record.description());
      if (description.isEmpty()) {
        return;
      }
      becomeRelay(stream);
      stream.cancelFarewell();
      tracks.begin(stream, record.epoch(), description.get(), relayExtensions(description.get()));
      stream.startedAtMs = record.startedAtMs();
      relays.attachUpcoming(stream);
    }
    stream.live = record.live();
    if (stream.live) {
      stream.cancelFarewell();
      demand.tell(stream);
    } else {
      sayFarewell(stream);
    }
  }

  private void becomeRelay(LocalStream stream) {
    if (stream.role == Role.RELAY) {
      return;
    }
    stream.role = Role.RELAY;
    overlay.unroot(stream.name);
    // Each node of the site tells of its own ingests: what this one told would be left when the new
    // ingest's broadcast has ended, and keep the stream "waiting" for ever.
    directory.removeStream(stream.name);
    String session = stream.ingestSession;
    stream.ingestSession = null;
    if (session != null) {
      endSession.accept(session, "replaced by a publisher at another node");
    }
  }

  void attachParent(String parentId, String name, LinkDescription link) {
    LocalStream known = byName.get(name);
    if (known == null) {
      // For the tree's children; whether anybody here wants it is not the tree's to say.
      directory.stream(name).ifPresent(this::hold);
    } else if (link.epoch() > known.epoch) {
      // The tree has heard of the next epoch before this thread has.
      directoryChanged(name);
    }
    LocalStream stream = byName.get(name);
    if (stream != null) {
      relays.offered(stream, parentId, link);
    }
  }

  void detachParent(String parentId, String name) {
    LocalStream stream = byName.get(name);
    if (stream != null) {
      relays.detach(stream, parentId);
    }
  }

  /**
   * Starts sending to a child; empty when this node does not hold the stream, or not yet the epoch
   * that its tree is at.
   */
  Optional<LinkDescription> openChild(String childId, String name, long[][] positions) {
    LocalStream stream = byName.get(name);
    if (stream == null || !stream.upcoming.isEmpty()) {
      return Optional.empty();
    }
    return relays.open(stream, childId, positions);
  }

  void closeChild(String childId, String name) {
    LocalStream stream = byName.get(name);
    if (stream != null) {
      relays.close(stream, childId);
    }
  }

  // --- layers -----------------------------------------------------------------------------------

  /** The shard has found out which layers of a track are needed: a bit each. */
  void layersNeeded(long trackId, int layers) {
    for (LocalStream stream : byName.values()) {
      if (stream.feeds(trackId)) {
        needs.changed(stream, trackId, layers, System.currentTimeMillis());
      }
    }
  }

  /** A child has said which layers it needs. */
  void childNeeds(String childId, LayerNeeds said) {
    LocalStream stream = byName.get(said.stream());
    if (stream != null && said.epoch() == stream.epoch) {
      relays.need(stream, childId, said.layers());
    }
  }

  // --- viewers ----------------------------------------------------------------------------------

  void viewerJoined(LocalStream stream, String sessionId, Map<Kind, Long> subscriptions) {
    stream.viewers.put(sessionId, new Viewer(Map.copyOf(subscriptions)));
    demand.tell(stream);
    overlay.viewers(stream.name, stream.viewers.size());
  }

  void viewerLeft(String name, String sessionId) {
    LocalStream stream = byName.get(name);
    if (stream != null && stream.viewers.remove(sessionId) != null) {
      overlay.viewers(name, stream.viewers.size());
    }
  }

  /**
   * Lets go of relayed streams that nobody takes; called now and then. The tree keeps such a stream
   * for a while, since viewers often come back; it must stay here for as long, or what the parent
   * still sends would belong to nobody when they do.
   */
  void sweep(long nowMs) {
    for (LocalStream stream : List.copyOf(byName.values())) {
      needs.repeat(stream, nowMs);
      if (stream.role == Role.RELAY
          && !demand.review(stream, nowMs)
          && stream.parents.isEmpty()
          && stream.upcoming.isEmpty()
          && stream.children.isEmpty()) {
        forget(stream);
      }
    }
  }

  // --- epochs and ends --------------------------------------------------------------------------

  private void sayFarewell(LocalStream stream) {
    if (stream.farewell == null) {
      stream.farewell = control.after(waitingMs, () -> forget(stream));
    }
  }

  /** Lets go of everything; at shutdown. */
  void closeAll() {
    List.copyOf(byName.values()).forEach(this::forget);
  }

  private void forget(LocalStream stream) {
    if (byName.get(stream.name) != stream) {
      return;
    }
    byName.remove(stream.name);
    stream.cancelFarewell();
    if (stream.role == Role.INGEST) {
      overlay.unroot(stream.name);
      directory.removeStream(stream.name);
    } else {
      demand.unwant(stream);
    }
    tracks.end(stream);
    overlay.viewers(stream.name, 0);
    for (String session : List.copyOf(stream.viewers.keySet())) {
      endSession.accept(session, "the broadcaster did not come back");
    }
    String session = stream.ingestSession;
    if (session != null) {
      endSession.accept(session, "the stream was closed");
    }
  }
}
