package live.banyan.signaling.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.sdp.Fixtures;
import org.jspecify.annotations.Nullable;

/** A media plane without media: it opens what it is asked to, or does what a test has set. */
final class FakeMediaPlane implements MediaPlane {
  /** Sessions that are open, by id. */
  final Map<String, RemoteSession> open = new HashMap<>();

  final List<String> closed = new CopyOnWriteArrayList<>();
  final List<String> calls = new CopyOnWriteArrayList<>();
  volatile CompletionStage<Lookup> lookup =
      CompletableFuture.completedFuture(new Found(List.of(Fixtures.OPUS, Fixtures.VP8)));

  /** Answer to the next openings; null opens. */
  volatile @Nullable CompletionStage<Opening> opening;

  volatile List<VideoLayer> layers = List.of();
  volatile @Nullable Sound sound;

  private final List<BiConsumer<String, String>> listeners = new ArrayList<>();
  private int restarts;

  @Override
  public CompletionStage<Opening> publish(String sessionId, String stream, RemoteSession remote) {
    calls.add("publish " + stream);
    return open(sessionId, remote, Map.of());
  }

  @Override
  public CompletionStage<Lookup> find(String stream) {
    calls.add("find " + stream);
    return lookup;
  }

  @Override
  public CompletionStage<Opening> subscribe(String sessionId, String stream, RemoteSession remote) {
    calls.add("subscribe " + stream);
    Map<Integer, LocalTrack> tracks = new HashMap<>();
    remote
        .media()
        .forEach(
            media ->
                tracks.put(media.index(), new LocalTrack(1 + media.index(), 0, "c", "s", "t")));
    return open(sessionId, remote, tracks);
  }

  private synchronized CompletionStage<Opening> open(
      String sessionId, RemoteSession remote, Map<Integer, LocalTrack> tracks) {
    @Nullable CompletionStage<Opening> set = opening;
    if (set != null) {
      return set;
    }
    open.put(sessionId, remote);
    // Answers come from another thread, as a shard's do.
    return CompletableFuture.supplyAsync(() -> Fixtures.opened(tracks));
  }

  @Override
  public synchronized CompletionStage<Optional<LocalIce>> restartIce(
      String sessionId, String remoteUfrag, String remotePassword) {
    calls.add("restart " + remoteUfrag);
    if (!open.containsKey(sessionId)) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    restarts++;
    LocalIce ice =
        new LocalIce(
            "fresh" + restarts,
            "0123456789abcdefghijkl",
            List.of(new HostCandidate("192.0.2.1", 8080)));
    return CompletableFuture.supplyAsync(() -> Optional.of(ice));
  }

  @Override
  public CompletionStage<List<VideoLayer>> layers(String stream) {
    return CompletableFuture.supplyAsync(() -> layers);
  }

  @Override
  public CompletionStage<Optional<Sound>> sound(String stream) {
    Optional<Sound> now = Optional.ofNullable(sound);
    return CompletableFuture.supplyAsync(() -> now);
  }

  @Override
  public CompletionStage<LayerChoice> choose(String sessionId, LayerWish wish) {
    calls.add("choose " + wish);
    String id = wish.encodingId();
    boolean known = id == null || layers.stream().anyMatch(it -> it.encodingId().equals(id));
    return CompletableFuture.supplyAsync(
        () -> known ? LayerChoice.CHOSEN : LayerChoice.UNKNOWN_LAYER);
  }

  @Override
  public CompletionStage<Boolean> prioritise(String sessionId, int priority) {
    calls.add("priority " + priority);
    return CompletableFuture.completedFuture(true);
  }

  @Override
  public synchronized CompletionStage<Boolean> close(String sessionId) {
    closed.add(sessionId);
    return CompletableFuture.completedFuture(open.remove(sessionId) != null);
  }

  @Override
  public void onSessionEnded(BiConsumer<String, String> listener) {
    listeners.add(listener);
  }

  void end(String sessionId) {
    synchronized (this) {
      open.remove(sessionId);
    }
    listeners.forEach(listener -> listener.accept(sessionId, "test"));
  }

  synchronized int sessions() {
    return open.size();
  }
}
