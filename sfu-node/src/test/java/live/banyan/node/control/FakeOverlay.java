package live.banyan.node.control;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import live.banyan.node.data.LayerNeeds;
import org.jspecify.annotations.Nullable;

/** A relay tree that does nothing by itself and remembers what it was asked. */
final class FakeOverlay implements Overlay {
  /** What was asked, in order. */
  final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

  /** The answer to the next {@link #want}: empty for a parent. */
  volatile String refusal = "";

  /** What {@link #layers} said last. */
  volatile List<String> layers = List.of();

  /** What {@link #needs} said last. */
  volatile @Nullable LayerNeeds needs;

  private int ssrc = 0x100;

  @Override
  public CompletionStage<String> want(String stream) {
    asked.add("want " + stream);
    return CompletableFuture.completedFuture(refusal);
  }

  @Override
  public void unwant(String stream) {
    asked.add("unwant " + stream);
  }

  @Override
  public void root(String stream, long epoch) {
    asked.add("root " + stream);
  }

  @Override
  public void unroot(String stream) {
    asked.add("unroot " + stream);
  }

  @Override
  public void parentFlowing(String stream, String parentId) {}

  @Override
  public void parentSilent(String stream, String parentId) {}

  @Override
  public void viewers(String stream, int count) {}

  @Override
  public void layers(String stream, List<String> rids, int highest) {
    layers = rids;
  }

  @Override
  public void needs(LayerNeeds said) {
    needs = said;
  }

  @Override
  public void child(String stream, String nodeId, boolean takes) {}

  @Override
  public void parent(String stream, String nodeId, boolean gives) {}

  @Override
  public OptionalLong transportId(String nodeId) {
    return OptionalLong.of(nodeId.hashCode());
  }

  @Override
  public void carriesRelays(String nodeId, boolean carries) {}

  @Override
  public int nextSsrc(String nodeId) {
    return ssrc++;
  }
}
