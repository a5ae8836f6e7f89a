package live.banyan.signaling.http;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import live.banyan.signaling.port.StreamDirectory;
import live.banyan.signaling.sdp.Fixtures;

/** A directory that a test fills by hand. */
final class FakeDirectory implements StreamDirectory {
  final Map<String, StreamInfo> streams = new ConcurrentHashMap<>();
  final List<Consumer<StreamEvent>> listeners = new CopyOnWriteArrayList<>();

  static StreamInfo info(String name, State state) {
    return new StreamInfo(
        name, state, 1, "http://127.0.0.1:1", 5, 3, List.of(Fixtures.OPUS, Fixtures.VP8));
  }

  void tell(StreamEvent event) {
    listeners.forEach(listener -> listener.accept(event));
  }

  @Override
  public List<StreamInfo> streams() {
    return List.copyOf(streams.values());
  }

  @Override
  public Optional<StreamInfo> stream(String name) {
    return Optional.ofNullable(streams.get(name));
  }

  @Override
  public List<TreeNode> tree(String name) {
    return streams.containsKey(name)
        ? List.of(new TreeNode("n1", "http://127.0.0.1:1", "", 0, 1, 2, 3))
        : List.of();
  }

  @Override
  public Watch watch(String name, Consumer<StreamEvent> listener) {
    listeners.add(listener);
    listener.accept(new StateChanged(streams.getOrDefault(name, info(name, State.ENDED))));
    return () -> listeners.remove(listener);
  }

  @Override
  public NodeInfo node() {
    return new NodeInfo(
        "n1",
        "0",
        "site",
        "http://127.0.0.1:1",
        "ready",
        1,
        2,
        3,
        4,
        5,
        6,
        7,
        "ffm",
        "libcrypto",
        List.of());
  }
}
