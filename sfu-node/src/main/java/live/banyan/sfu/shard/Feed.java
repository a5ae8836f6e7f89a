package live.banyan.sfu.shard;

import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.media.CacheRoom;
import live.banyan.sfu.media.Layer;
import live.banyan.sfu.media.Scalability;
import live.banyan.sfu.media.Track;
import live.banyan.sfu.rtp.ExtensionMap;
import org.jspecify.annotations.Nullable;

/** A track with the sources that feed it. Not thread safe. */
final class Feed {
  /** Publishers have one, a track that changes parents two; more are an error of the caller. */
  static final int SOURCES_MAX = 8;

  /** A layer without a packet for this long does not flow. */
  private static final long FLOWING_NS = 1_000_000_000L;

  final Track track;
  final List<Source> sources = new ArrayList<>(2);
  boolean watched;

  /** Bit i: shard i of this node has subscribers for it. */
  long wanting;

  private int turn;

  Feed(
      long id,
      Codec codec,
      int layers,
      int slots,
      ExtensionMap extensions,
      CacheRoom room,
      Repairs repairs,
      Neighbours neighbours) {
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
  }

  /** The sources have changed: tells the layers whether anybody makes keyframes when asked. */
  void sourcesChanged() {
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
      boolean flowing = layer.flowing(nowNs, FLOWING_NS);
      Scalability inside = layer.scalability();
      int width = layer.width();
      int height = layer.height();
      if (width == 0 && inside != null && inside.spatialLayers() > 0) {
        width = inside.width(inside.spatialLayers() - 1);
        height = inside.height(inside.spatialLayers() - 1);
      }
      List<ShardCommand.InnerState> inner =
          inside == null ? List.of() : innerStates(inside, flowing, nowNs);
      states.add(new ShardCommand.LayerState(flowing, width, height, inner));
    }
    return List.copyOf(states);
  }

  private static List<ShardCommand.InnerState> innerStates(
      Scalability inside, boolean encodingFlows, long nowNs) {
    List<ShardCommand.InnerState> states = new ArrayList<>();
    for (int s = 0; s < inside.spatialLayers(); s++) {
      for (int t = 0; t < inside.temporalLayers(); t++) {
        if (inside.has(s, t)) {
          boolean flowing = encodingFlows && inside.flows(s, nowNs);
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
