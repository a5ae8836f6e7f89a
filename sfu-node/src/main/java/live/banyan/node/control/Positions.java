package live.banyan.node.control;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import live.banyan.sfu.shard.ShardCommand;
import org.jspecify.annotations.Nullable;

/**
 * What a child tells a new parent it has already: the next sequence number it wants of each layer.
 * On the wire: track count (1), per track layer count (1), per layer the number's low 16 bits (4,
 * -1 for none), big endian.
 */
final class Positions {
  /** The shard answers within a batch; without an answer the child simply starts from now. */
  private static final long WAIT_MAX_MS = 50;

  private final Consumer<ShardCommand> shard;

  Positions(Consumer<ShardCommand> shard) {
    this.shard = shard;
  }

  /** Asks the shard; empty without a stream or an answer in time. */
  byte[] of(@Nullable LocalStream stream) {
    if (stream == null || stream.trackIds.length == 0) {
      return new byte[0];
    }
    List<Long> trackIds = new ArrayList<>();
    for (long id : stream.trackIds) {
      trackIds.add(id);
    }
    CompletableFuture<long[][]> answer = new CompletableFuture<>();
    shard.accept(new ShardCommand.TellPositions(trackIds, answer::complete));
    try {
      return encode(answer.get(WAIT_MAX_MS, TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new byte[0];
    } catch (ExecutionException | TimeoutException e) {
      return new byte[0];
    }
  }

  static byte[] encode(long[][] highest) {
    int size = 1;
    for (long[] layers : highest) {
      size += 1 + 4 * layers.length;
    }
    ByteBuffer out = ByteBuffer.allocate(size).put((byte) highest.length);
    for (long[] layers : highest) {
      out.put((byte) layers.length);
      for (long h : layers) {
        out.putInt(h < 0 ? -1 : (int) ((h + 1) & 0xFFFF));
      }
    }
    return out.array();
  }

  /** Next wanted numbers per track and layer; anything malformed counts as nothing. */
  static long[][] decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (!in.hasRemaining()) {
      return new long[0][];
    }
    int tracks = in.get();
    if (tracks < 0 || tracks > StreamDescription.TRACKS_MAX) {
      return new long[0][];
    }
    long[][] positions = new long[tracks][];
    for (int t = 0; t < tracks; t++) {
      int layers = in.hasRemaining() ? in.get() : -1;
      if (layers < 0 || layers > StreamDescription.LAYERS_MAX || in.remaining() < 4 * layers) {
        return new long[0][];
      }
      positions[t] = new long[layers];
      for (int l = 0; l < layers; l++) {
        positions[t][l] = in.getInt();
      }
    }
    return in.hasRemaining() ? new long[0][] : positions;
  }
}
