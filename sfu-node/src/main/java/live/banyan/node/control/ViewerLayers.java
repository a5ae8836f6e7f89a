package live.banyan.node.control;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.sfu.shard.ShardCommand.LayerState;
import live.banyan.signaling.port.MediaPlane.InnerLayer;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.LayerChoice;
import live.banyan.signaling.port.MediaPlane.LayerWish;
import live.banyan.signaling.port.MediaPlane.VideoLayer;
import org.jspecify.annotations.Nullable;

/**
 * The video layers of a stream, and which of them a viewer wants. A choice is a place in the
 * ladder, so that it outlasts the broadcaster's return with other names. Owned by the control
 * thread.
 */
final class ViewerLayers {
  /** The shard answers within a batch. */
  private static final long ANSWER_MS_MAX = 1_000;

  private final Consumer<ShardCommand> shard;

  ViewerLayers(Consumer<ShardCommand> shard) {
    this.shard = shard;
  }

  /** Lowest first; none without video. Those that the shard says nothing of do not flow. */
  CompletionStage<List<VideoLayer>> of(@Nullable LocalStream stream) {
    long trackId = stream == null ? -1 : stream.trackOf(Kind.VIDEO);
    if (stream == null || trackId < 0) {
      return CompletableFuture.completedFuture(List.of());
    }
    List<String> ids = encodingIds(stream);
    CompletableFuture<List<LayerState>> told = new CompletableFuture<>();
    shard.accept(new ShardCommand.TellLayers(trackId, told::complete));
    return told.completeOnTimeout(List.of(), ANSWER_MS_MAX, TimeUnit.MILLISECONDS)
        .thenApply(states -> named(ids, states));
  }

  private static List<VideoLayer> named(List<String> ids, List<LayerState> states) {
    return IntStream.range(0, ids.size())
        .mapToObj(
            i -> {
              LayerState state = i < states.size() ? states.get(i) : LayerState.SILENT;
              return new VideoLayer(
                  ids.get(i), state.flowing(), state.width(), state.height(), inside(state));
            })
        .toList();
  }

  private static List<InnerLayer> inside(LayerState state) {
    return state.inside().stream()
        .map(
            it ->
                new InnerLayer(it.spatial(), it.temporal(), it.flowing(), it.width(), it.height()))
        .toList();
  }

  private static List<String> encodingIds(LocalStream stream) {
    int index = stream.description.indexOf(Kind.VIDEO);
    return index < 0 ? List.of() : stream.description.tracks().get(index).encodingIds();
  }

  /** Keeps a viewer at or below what it wishes. */
  LayerChoice choose(LocalStream stream, Session session, LayerWish wish) {
    Long subscription = session.subscriptions.get(Kind.VIDEO);
    String id = wish.encodingId();
    int highest = id == null ? Integer.MAX_VALUE : encodingIds(stream).indexOf(id);
    if (subscription == null || highest < 0) {
      return LayerChoice.UNKNOWN_LAYER;
    }
    shard.accept(
        new ShardCommand.LimitLayer(
            subscription, highest, wish.spatialLayerId(), wish.temporalLayerId()));
    return LayerChoice.CHOSEN;
  }

  /** Says how much a viewer cares for its picture. @return false where it has none */
  boolean prioritise(Session session, int priority) {
    Long subscription = session.subscriptions.get(Kind.VIDEO);
    if (subscription != null) {
      shard.accept(new ShardCommand.Prioritise(subscription, priority));
    }
    return subscription != null;
  }
}
