package live.banyan.sfu.shard;

import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.media.CacheRoom;
import live.banyan.sfu.media.Layer;
import live.banyan.sfu.media.LayerDemand;
import live.banyan.sfu.media.Scalability;
import live.banyan.sfu.media.Track;
import live.banyan.sfu.rtp.ExtensionMap;
import org.jspecify.annotations.Nullable;

/** A track with the sources that feed it. Not thread safe. */
final class Feed {
  /** Publishers have one, a track that changes parents two; more are an error of the caller. */
  static final int SOURCES_MAX = 8;

  /** Of {@link #needNews}. */
  static final int NOTHING_NEW = -1;

  private static final int NOT_TOLD = 0;

  /** A layer with a packet within this time has begun, and goes on. */
  private static final long ARRIVES_NS = 200_000_000L;

  /** A layer without a packet for this long does not flow. */
  private static final long FLOWING_NS = 1_000_000_000L;

  final Track track;
  final List<Source> sources = new ArrayList<>(2);
  boolean watched;

  /** Bit i: shard i of this node has subscribers for it. */
  long wanting;

  /** What each shard's subscribers need of it, a bit for each layer; by shard, our own is 0. */
  private final int[] neededElsewhere;

  private final LayerDemand demand;
  private int neededHere;
  private int told = NOT_TOLD;

  private int turn;

  /**
   * A feed without sources.
   *
   * @param shards how many the node has
   */
  Feed(
      long id,
      Codec codec,
      int layers,
      int slots,
      ExtensionMap extensions,
      CacheRoom room,
      Repairs repairs,
      Neighbours neighbours,
      int shards,
      long nowNs) {
    track =
        new Track(
            id,
            codec,
            layers,
            slots,
            extensions,
            room,
            () -> repairs.watch(this),
            () -> neighbours.tellWanted(this));
    neededElsewhere = new int[shards];
    demand = new LayerDemand(track, nowNs);
    neededHere = demand.review(nowNs);
  }

  /** What the subscribers on this shard need: a bit for each layer, the lowest one's first. */
  int neededHere() {
    return neededHere;
  }

  /** Another shard has said what its subscribers need. */
  void neededElsewhere(int shard, int layers) {
    neededElsewhere[shard] = layers;
  }

  /** Asks the subscribers what they need. @return whether it is news for the other shards */
  boolean review(long nowNs) {
    int before = neededHere;
    neededHere = demand.review(nowNs);
    return neededHere != before;
  }

  /**
   * What is needed of the track at this node; at least the lowest layer, which the next subscriber
   * begins with. Others are given up when that has come, or the source would seem silent.
   *
   * @return a bit for each layer; {@link #NOTHING_NEW} where that has been told, or there is nobody
   *     to tell
   */
  int needNews(long nowNs) {
    int needed = neededHere;
    for (int elsewhere : neededElsewhere) {
      needed |= elsewhere;
    }
    if (needed == 0) {
      boolean arrives = track.layer(0).flowing(nowNs, ARRIVES_NS);
      needed = 1 | (arrives ? 0 : told);
    }
    for (int i = 0; i < track.layerCount(); i++) {
      track.layer(i).rest((needed >> i & 1) == 0);
    }
    boolean news = needed != told && !sources.isEmpty();
    told = news ? needed : told;
    return news ? needed : NOTHING_NEW;
  }

  /** The sources have changed: tells the layers whether anybody makes keyframes when asked. */
  void sourcesChanged() {
    told = NOT_TOLD; // another may have told less meanwhile
    boolean askable = false;
    for (Source source : sources) {
      askable |= source.pli || source.fir;
    }
    for (int i = 0; i < track.layerCount(); i++) {
      track.layer(i).keyframes().askable(askable || sources.isEmpty());
    }
  }

  /** What is known of the layers, lowest first. */
  List<ShardCommand.LayerState> layerStates(long nowNs) {
    List<ShardCommand.LayerState> states = new ArrayList<>();
    for (int i = 0; i < track.layerCount(); i++) {
      Layer layer = track.layer(i);
      // What nobody takes now is there for whoever chooses it.
      boolean flowing = layer.flowing(nowNs, FLOWING_NS) || layer.rests();
      Scalability inside = layer.scalability();
      int width = layer.width();
      int height = layer.height();
      if (width == 0 && inside != null && inside.spatialLayers() > 0) {
        width = inside.width(inside.spatialLayers() - 1);
        height = inside.height(inside.spatialLayers() - 1);
      }
      List<ShardCommand.InnerState> inner =
          inside == null ? List.of() : innerStates(inside, flowing, layer.rests(), nowNs);
      states.add(new ShardCommand.LayerState(flowing, width, height, inner));
    }
    return List.copyOf(states);
  }

  private static List<ShardCommand.InnerState> innerStates(
      Scalability inside, boolean encodingFlows, boolean rests, long nowNs) {
    List<ShardCommand.InnerState> states = new ArrayList<>();
    for (int s = 0; s < inside.spatialLayers(); s++) {
      for (int t = 0; t < inside.temporalLayers(); t++) {
        if (inside.has(s, t)) {
          boolean flowing = encodingFlows && (rests || inside.flows(s, nowNs));
          states.add(new ShardCommand.InnerState(s, t, flowing, inside.width(s), inside.height(s)));
        }
      }
    }
    return states.size() < 2 ? List.of() : List.copyOf(states);
  }

  /**
   * The stream to ask for a repair: sources that flow take turns, so that what one parent lacks the
   * other is asked for next.
   */
  @Nullable SourceStream repairing(Layer layer) {
    int count = sources.size();
    SourceStream silent = null;
    for (int i = 0; i < count; i++) {
      Source source = sources.get((turn + i) % count);
      SourceStream stream = streamOf(source, layer);
      if (stream == null || !source.nack) {
        continue;
      }
      if (source.flowing()) {
        turn = (turn + i + 1) % count;
        return stream;
      }
      silent = stream;
    }
    return silent;
  }

  /** The stream to ask for a keyframe: the one that spoke last. */
  @Nullable SourceStream refreshing(Layer layer) {
    SourceStream latest = null;
    for (int i = 0; i < sources.size(); i++) {
      Source source = sources.get(i);
      SourceStream stream = streamOf(source, layer);
      boolean asks = stream != null && (source.pli || source.fir);
      if (asks && (latest == null || later(source, latest.source))) {
        latest = stream;
      }
    }
    return latest;
  }

  private static boolean later(Source source, Source than) {
    return source.flowing() != than.flowing()
        ? source.flowing()
        : source.lastArrivalNs() - than.lastArrivalNs() > 0;
  }

  private static @Nullable SourceStream streamOf(Source source, Layer layer) {
    SourceStream stream = source.streams[layer.index()];
    return stream == null || stream.ssrc == 0 || source.transport.cipher() == null ? null : stream;
  }
}
