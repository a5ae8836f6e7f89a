package live.banyan.sfu.shard;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import live.banyan.sfu.congestion.ReceiverEstimate;
import live.banyan.sfu.media.CacheRoom;
import live.banyan.sfu.media.Forwarder;
import live.banyan.sfu.media.Layer;
import live.banyan.sfu.media.SpeechActivity;
import live.banyan.sfu.media.Subscription;
import live.banyan.sfu.rtp.ExtensionKind;
import org.jspecify.annotations.Nullable;

/**
 * The tracks of this shard with their sources, and the commands that change them. The commands
 * answer false where they name what is gone. Not thread safe.
 */
final class Feeds {
  private static final int LAYERS_MAX = 8;

  /**
   * A layer that is silent for longer has rested: its sender's numbers go on meanwhile, and after
   * 32,768 of them the low 16 bits no longer tell where it stood. No cache reaches back so far.
   */
  private static final long RESTED_NS = 10_000_000_000L;

  private final ShardCounters counters;
  private final Forwarder forwarder;
  private final Ingress ingress;
  private final Repairs repairs;
  private final Neighbours neighbours;
  private final Transports transports;
  private final ShardConfig config;
  private final CacheRoom room;
  private final Map<Long, Feed> byTrackId = new HashMap<>();

  Feeds(
      ShardCounters counters,
      Forwarder forwarder,
      Ingress ingress,
      Repairs repairs,
      Neighbours neighbours,
      Transports transports,
      ShardConfig config) {
    this.counters = counters;
    this.forwarder = forwarder;
    this.ingress = ingress;
    this.repairs = repairs;
    this.neighbours = neighbours;
    this.transports = transports;
    this.config = config;
    this.room = new CacheRoom(config.cacheGrowthBytes());
  }

  int size() {
    return byTrackId.size();
  }

  /** Packets that caches could not keep for two seconds. */
  long shortfalls() {
    return room.shortfalls();
  }

  @Nullable Feed find(long trackId) {
    return byTrackId.get(trackId);
  }

  boolean open(ShardCommand.OpenTrack open, long nowNs) {
    if (byTrackId.size() >= config.tracksMax() || open.layers() < 1 || open.layers() > LAYERS_MAX) {
      return counters.refused();
    }
    if (byTrackId.containsKey(open.trackId())) {
      return false;
    }
    int slots = open.codec().audio() ? config.audioSlots() : config.videoSlots();
    Feed feed =
        new Feed(
            open.trackId(),
            open.codec(),
            open.layers(),
            slots,
            open.extensions(),
            room,
            repairs,
            neighbours,
            neighbours.count(),
            nowNs);
    byTrackId.put(open.trackId(), feed);
    neighbours.tellOpened(feed);
    return true;
  }

  boolean add(ShardCommand.AddSource add, long nowNs) {
    Feed feed = byTrackId.get(add.trackId());
    Transport transport = transports.find(add.transportId());
    if (feed == null || transport == null || find(feed, transport) != null) {
      return false;
    }
    if (add.layers().size() != feed.track.layerCount()
        || feed.sources.size() >= Feed.SOURCES_MAX
        || transport.sources.size() >= Transport.SOURCES_MAX) {
      return counters.refused();
    }
    Source source = new Source(feed, transport, add);
    if (!SourceBinding.bindDeclared(source, add)) {
      SourceBinding.release(source);
      return counters.refused();
    }
    feed.sources.add(source);
    feed.sourcesChanged();
    transport.sources.add(source);
    int twccId = Ingress.twccId(source);
    if (twccId != 0) {
      transports.report(transport, twccId);
    }
    if (add.remb() && transport.uplink == null) {
      transport.uplink = new ReceiverEstimate();
    }
    int sendTimeId = source.track.extensions().id(ExtensionKind.ABS_SEND_TIME);
    transport.sendTimeId = sendTimeId == 0 ? transport.sendTimeId : sendTimeId;
    ingress.onSource(transport, nowNs);
    return true;
  }

  private static @Nullable Source find(Feed feed, Transport transport) {
    for (Source source : feed.sources) {
      if (source.transport == transport) {
        return source;
      }
    }
    return null;
  }

  boolean remove(ShardCommand.RemoveSource remove) {
    Feed feed = byTrackId.get(remove.trackId());
    Transport transport = transports.find(remove.transportId());
    Source source = feed == null || transport == null ? null : find(feed, transport);
    if (source == null) {
      return false;
    }
    detach(source);
    return true;
  }

  private static void detach(Source source) {
    SourceBinding.release(source);
    source.feed.sources.remove(source);
    source.feed.sourcesChanged();
    source.transport.sources.remove(source);
  }

  boolean close(ShardCommand.CloseTrack close) {
    Feed feed = byTrackId.remove(close.trackId());
    if (feed == null) {
      return false;
    }
    for (Source source : List.copyOf(feed.sources)) {
      detach(source);
    }
    for (Subscription subscription : feed.track.subscribers()) {
      forwarder.move(subscription, null);
    }
    feed.track.close();
    return true;
  }

  boolean tell(ShardCommand.TellPositions tell, long nowNs) {
    long[][] positions = new long[tell.trackIds().size()][];
    for (int t = 0; t < positions.length; t++) {
      Feed feed = byTrackId.get(tell.trackIds().get(t));
      int layers = feed == null ? 0 : feed.track.layerCount();
      positions[t] = new long[layers];
      for (int layer = 0; layer < layers; layer++) {
        positions[t][layer] = position(Objects.requireNonNull(feed).track.layer(layer), nowNs);
      }
    }
    tell.answer().accept(positions);
    return true;
  }

  private static long position(Layer layer, long nowNs) {
    return layer.flowing(nowNs, RESTED_NS) ? layer.highest() : -1;
  }

  boolean tell(ShardCommand.TellLayers tell, long nowNs) {
    Feed feed = byTrackId.get(tell.trackId());
    tell.answer().accept(feed == null ? List.of() : feed.layerStates(nowNs));
    return true;
  }

  boolean tell(ShardCommand.TellSound tell, long nowNs) {
    Feed feed = byTrackId.get(tell.trackId());
    SpeechActivity speech = feed == null ? null : feed.track.layer(0).speech();
    tell.answer()
        .accept(
            speech == null || !speech.known()
                ? null
                : new ShardCommand.SoundState(speech.speaking(nowNs), speech.levelDbov(nowNs)));
    return true;
  }

  /** Finds out which layers are needed, and tells those who send them. */
  void reviewNeeds(Consumer<ShardEvent> events, long nowNs) {
    for (Feed feed : byTrackId.values()) {
      if (feed.track.layerCount() == 1) {
        continue;
      }
      if (feed.review(nowNs)) {
        neighbours.tellWanted(feed);
      }
      int news = feed.needNews(nowNs);
      if (news != Feed.NOTHING_NEW) {
        events.accept(new ShardEvent.LayersNeeded(feed.track.id(), news));
      }
    }
  }

  /** Tells the other shards anew which tracks have subscribers here: what was lost is made good. */
  void tellWanted() {
    if (neighbours.alone()) {
      return;
    }
    for (Feed feed : byTrackId.values()) {
      if (feed.track.subscriptionCount() > 0) {
        neighbours.tellWanted(feed);
      }
    }
  }

  long position(long trackId, int layer) {
    Feed feed = byTrackId.get(trackId);
    if (feed == null || layer < 0 || layer >= feed.track.layerCount()) {
      return -1;
    }
    return feed.track.layer(layer).highest();
  }

  /** Takes a transport's sources from their tracks. */
  void detachAll(Transport transport) {
    for (Source source : List.copyOf(transport.sources)) {
      detach(source);
    }
  }

  void close() {
    for (Feed feed : byTrackId.values()) {
      feed.track.close();
    }
    byTrackId.clear();
  }
}
