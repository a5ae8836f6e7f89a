package live.banyan.node.control;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import live.banyan.sfu.shard.ShardCommand;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.Sound;
import org.jspecify.annotations.Nullable;

/** How loud a stream is now. Owned by the control thread. */
final class StreamSound {
  /** The shard answers within a batch. */
  private static final long ANSWER_MS_MAX = 1_000;

  private final Consumer<ShardCommand> shard;

  StreamSound(Consumer<ShardCommand> shard) {
    this.shard = shard;
  }

  /** Empty without a sound, or where its broadcaster tells no levels. */
  CompletionStage<Optional<Sound>> of(@Nullable LocalStream stream) {
    long trackId = stream == null ? -1 : stream.trackOf(Kind.AUDIO);
    if (trackId < 0) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    CompletableFuture<Optional<Sound>> told = new CompletableFuture<>();
    shard.accept(
        new ShardCommand.TellSound(
            trackId,
            state ->
                told.complete(
                    Optional.ofNullable(state)
                        .map(it -> new Sound(it.speaking(), it.levelDbov())))));
    return told.completeOnTimeout(Optional.empty(), ANSWER_MS_MAX, TimeUnit.MILLISECONDS);
  }
}
