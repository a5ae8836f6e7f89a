package live.banyan.node.control;

import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import live.banyan.mesh.host.Joined;
import live.banyan.mesh.host.RelayTree;
import live.banyan.node.data.DataPlane;
import live.banyan.node.data.LayerNeeds;
import live.banyan.sfu.relay.RelayLinks;
import org.jspecify.annotations.Nullable;

/** {@link Overlay} over the relay tree and its links, which are made one after the other. */
final class NodeOverlay implements Overlay {
  private final RelayLinks links;
  private final DataPlane data;
  private volatile @Nullable RelayTree tree;

  NodeOverlay(RelayLinks links, DataPlane data) {
    this.links = links;
    this.data = data;
  }

  /** The tree needs streams, and streams need the tree: this closes the circle, once. */
  void bind(RelayTree made) {
    tree = made;
  }

  @Override
  public CompletionStage<String> want(String stream) {
    RelayTree t = tree;
    return t == null
        ? CompletableFuture.completedFuture("the node is starting")
        : t.want(stream)
            .thenApply(
                joined ->
                    switch (joined) {
                      case Joined.Attached attached -> "";
                      case Joined.Refused refused -> refused.reason().name();
                    });
  }

  @Override
  public void unwant(String stream) {
    RelayTree t = tree;
    if (t != null) {
      t.unwant(stream);
    }
  }

  @Override
  public void root(String stream, long epoch) {
    RelayTree t = tree;
    if (t != null) {
      t.root(stream, epoch);
    }
  }

  @Override
  public void unroot(String stream) {
    RelayTree t = tree;
    if (t != null) {
      t.unroot(stream);
    }
  }

  @Override
  public void parentFlowing(String stream, String parentId) {
    RelayTree t = tree;
    if (t != null) {
      t.parentFlowing(stream, parentId);
    }
  }

  @Override
  public void parentSilent(String stream, String parentId) {
    RelayTree t = tree;
    if (t != null) {
      t.parentSilent(stream, parentId);
    }
  }

  @Override
  public void viewers(String stream, int count) {
    RelayTree t = tree;
    if (t != null) {
      t.viewers(stream, count);
    }
  }

  @Override
  public void layers(String stream, List<String> rids, int highest) {
    data.layers(stream, rids, highest);
  }

  @Override
  public void needs(LayerNeeds needs) {
    data.needs(needs);
  }

  @Override
  public void child(String stream, String nodeId, boolean takes) {
    data.child(stream, nodeId, takes);
  }

  @Override
  public void parent(String stream, String nodeId, boolean gives) {
    data.parent(stream, nodeId, gives);
  }

  @Override
  public OptionalLong transportId(String nodeId) {
    return links.transportId(nodeId);
  }

  @Override
  public void carriesRelays(String nodeId, boolean carries) {
    links.carriesRelays(nodeId, carries);
  }

  @Override
  public int nextSsrc(String nodeId) {
    return links.nextSsrc(nodeId);
  }
}
