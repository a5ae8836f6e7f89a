package live.banyan.node.control;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import live.banyan.sfu.shard.ShardCommand;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Streams on links: what parents send as sources of tracks, what children take as subscriptions to
 * layers. Owned by the control thread.
 */
final class Relays {
  private static final Logger log = LoggerFactory.getLogger(Relays.class);

  private final Consumer<ShardCommand> shard;
  private final Overlay overlay;
  private final AtomicLong ids;
  private final Collection<LocalStream> streams;
  private final UplinkGate gate;

  /**
   * @param streams all that this node holds, as a live view: a link's heartbeat is quick while any
   *     of them crosses it
   */
  Relays(
      Consumer<ShardCommand> shard,
      Overlay overlay,
      AtomicLong ids,
      Collection<LocalStream> streams,
      UplinkGate gate) {
    this.shard = shard;
    this.overlay = overlay;
    this.ids = ids;
    this.streams = streams;
    this.gate = gate;
  }

  // --- parents ----------------------------------------------------------------------------------

  /** A parent's offer: taken now, or when the directory has described the tracks of its epoch. */
  void offered(LocalStream stream, String parentId, LinkDescription link) {
    if (link.epoch() > stream.epoch) {
      stream.upcoming.put(parentId, link);
    } else if (link.epoch() < stream.epoch) {
      log.info("stream {}: parent offers epoch {}, which is over", stream.name, link.epoch());
    } else {
      attach(stream, parentId, link);
    }
  }

  /** The stream has come to another epoch: takes what parents have offered of it. */
  void attachUpcoming(LocalStream stream) {
    Map<String, LinkDescription> offers = Map.copyOf(stream.upcoming);
    stream.upcoming.clear();
    offers.forEach((parent, link) -> offered(stream, parent, link));
  }

  private void attach(LocalStream stream, String parentId, LinkDescription link) {
    OptionalLong transport = overlay.transportId(parentId);
    if (transport.isEmpty() || link.tracks().size() != stream.trackIds.length) {
      return;
    }
    if (!stream.parents.add(parentId)) {
      // It has begun anew, with SSRCs of its own: those of before bring nothing more.
      removeSources(stream, transport.getAsLong());
    }
    overlay.parent(stream.name, parentId, true);
    overlay.carriesRelays(parentId, true);
    for (int i = 0; i < stream.trackIds.length; i++) {
      shard.accept(source(stream, i, transport.getAsLong(), link.tracks().get(i)));
    }
  }

  private static ShardCommand.AddSource source(
      LocalStream stream, int track, long transport, List<LinkDescription.LayerSsrcs> ssrcs) {
    StreamDescription.Track description = stream.description.tracks().get(track);
    int payloadType = description.parsedCodec().relayPayloadType();
    return new ShardCommand.AddSource(
        stream.trackIds[track],
        transport,
        null,
        payloadType,
        payloadType + 1,
        ssrcs.stream().map(l -> new ShardCommand.SourceLayer(null, l.ssrc(), l.rtxSsrc())).toList(),
        true,
        description.refreshes(),
        false);
  }

  void detach(LocalStream stream, String parentId) {
    stream.upcoming.remove(parentId);
    if (stream.parents.remove(parentId)) {
      overlay.parent(stream.name, parentId, false);
      overlay.transportId(parentId).ifPresent(transport -> removeSources(stream, transport));
      noteRelays(parentId);
    }
  }

  void detachAll(LocalStream stream) {
    List.copyOf(stream.parents).forEach(parent -> detach(stream, parent));
  }

  /** The stream's tracks are gone, and with them what the parents fed. */
  void forgetParents(LocalStream stream) {
    List<String> parents = List.copyOf(stream.parents);
    stream.parents.clear();
    parents.forEach(parent -> overlay.parent(stream.name, parent, false));
    parents.forEach(this::noteRelays);
  }

  private void removeSources(LocalStream stream, long transport) {
    for (long trackId : stream.trackIds) {
      shard.accept(new ShardCommand.RemoveSource(trackId, transport));
    }
  }

  /** Calls back with the parent whose link has a transport, if it is one of the stream's. */
  void withParent(LocalStream stream, long transportId, Consumer<String> action) {
    for (String parent : List.copyOf(stream.parents)) {
      OptionalLong transport = overlay.transportId(parent);
      if (transport.isPresent() && transport.getAsLong() == transportId) {
        action.accept(parent);
      }
    }
  }

  // --- children ---------------------------------------------------------------------------------

  /**
   * Starts sending to a child, anew where it was a child already.
   *
   * @param positions per track and layer the next sequence number that it wants; -1: from now
   */
  Optional<LinkDescription> open(LocalStream stream, String childId, long[][] positions) {
    OptionalLong transport = overlay.transportId(childId);
    if (transport.isEmpty() || stream.trackIds.length == 0) {
      return Optional.empty();
    }
    close(stream, childId);
    Optional<String> refusal = gate.child(stream.name, childId);
    if (refusal.isPresent()) {
      log.debug("stream {}: a child is refused: {}", stream.name, refusal.get());
      return Optional.empty();
    }
    List<Long> subscriptions = new ArrayList<>();
    List<List<LinkDescription.LayerSsrcs>> tracks = new ArrayList<>();
    for (int t = 0; t < stream.trackIds.length; t++) {
      List<LinkDescription.LayerSsrcs> layers = new ArrayList<>();
      for (int layer = 0; layer < stream.description.tracks().get(t).layers(); layer++) {
        long from = t < positions.length && layer < positions[t].length ? positions[t][layer] : -1;
        var ssrcs =
            new LinkDescription.LayerSsrcs(overlay.nextSsrc(childId), overlay.nextSsrc(childId));
        long id = ids.incrementAndGet();
        shard.accept(
            new ShardCommand.OpenRelay(
                id,
                transport.getAsLong(),
                stream.trackIds[t],
                layer,
                ssrcs.ssrc(),
                ssrcs.rtxSsrc(),
                from));
        subscriptions.add(id);
        layers.add(ssrcs);
      }
      tracks.add(List.copyOf(layers));
    }
    stream.children.put(childId, subscriptions);
    overlay.child(stream.name, childId, true);
    overlay.carriesRelays(childId, true);
    return Optional.of(new LinkDescription(stream.epoch, List.copyOf(tracks)));
  }

  /**
   * A child has said which layers it needs.
   *
   * @param needs by track a bit for each layer; 0 says nothing
   */
  void need(LocalStream stream, String childId, List<Integer> needs) {
    List<Long> subscriptions = stream.children.get(childId);
    if (subscriptions == null || needs.size() != stream.trackIds.length) {
      return;
    }
    int at = 0;
    for (int t = 0; t < needs.size(); t++) {
      for (int layer = 0; layer < stream.description.tracks().get(t).layers(); layer++, at++) {
        if (needs.get(t) != 0) {
          boolean needed = (needs.get(t) >> layer & 1) != 0;
          shard.accept(new ShardCommand.NeedLayer(subscriptions.get(at), needed));
        }
      }
    }
  }

  void close(LocalStream stream, String childId) {
    List<Long> subscriptions = stream.children.remove(childId);
    if (subscriptions != null) {
      gate.childLeft(stream.name, childId);
      overlay.child(stream.name, childId, false);
      subscriptions.forEach(id -> shard.accept(new ShardCommand.CloseSubscription(id)));
      noteRelays(childId);
    }
  }

  void closeAll(LocalStream stream) {
    List.copyOf(stream.children.keySet()).forEach(child -> close(stream, child));
  }

  /** Tells the link to a node whether any stream still crosses it. */
  private void noteRelays(String nodeId) {
    boolean carries =
        streams.stream()
            .anyMatch(s -> s.parents.contains(nodeId) || s.children.containsKey(nodeId));
    overlay.carriesRelays(nodeId, carries);
  }
}
