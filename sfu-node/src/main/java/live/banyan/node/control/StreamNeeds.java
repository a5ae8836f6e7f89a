package live.banyan.node.control;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import live.banyan.node.control.LocalStream.Role;
import live.banyan.node.data.LayerNeeds;

/**
 * Tells whoever sends a stream which of its layers anybody needs, at this node or behind it: the
 * publisher of an ingest, the parents of a relay. Owned by the control thread.
 */
final class StreamNeeds {
  /** A word may meet a parent that has just begun anew. */
  private static final long REPEAT_MS = 5_000;

  private final Overlay overlay;

  StreamNeeds(Overlay overlay) {
    this.overlay = overlay;
  }

  /** Notes what is needed of a track, a bit for each layer, and tells. */
  void changed(LocalStream stream, long trackId, int layers, long nowMs) {
    for (int t = 0; t < stream.trackIds.length; t++) {
      if (stream.trackIds[t] == trackId) {
        stream.needs[t] = layers;
        tell(stream, t, nowMs);
      }
    }
  }

  private void tell(LocalStream stream, int track, long nowMs) {
    if (stream.role == Role.RELAY) {
      tellParents(stream, nowMs);
      return;
    }
    int layers = stream.needs[track];
    List<String> ids = stream.description.tracks().get(track).encodingIds();
    List<String> needed =
        IntStream.range(0, ids.size())
            .filter(i -> (layers >> i & 1) != 0)
            .mapToObj(ids::get)
            .toList();
    int highest = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(layers);
    overlay.layers(stream.name, needed, highest);
  }

  private void tellParents(LocalStream stream, long nowMs) {
    stream.needsToldMs = nowMs;
    List<Integer> layers = Arrays.stream(stream.needs).boxed().toList();
    overlay.needs(new LayerNeeds(stream.name, stream.epoch, layers));
  }

  /** Tells parents again, now and then. */
  void repeat(LocalStream stream, long nowMs) {
    boolean known = Arrays.stream(stream.needs).anyMatch(it -> it != 0);
    if (stream.role == Role.RELAY && known && nowMs - stream.needsToldMs >= REPEAT_MS) {
      tellParents(stream, nowMs);
    }
  }
}
