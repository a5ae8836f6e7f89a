package live.banyan.node.control;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The SSRCs that a parent chose for a stream on the link to one child: what ACCEPT carries. Layout,
 * big endian: epoch (8), track count (1), per track: layer count (1), per layer SSRC (4), RTX SSRC
 * (4).
 */
record LinkDescription(long epoch, List<List<LayerSsrcs>> tracks) {
  record LayerSsrcs(int ssrc, int rtxSsrc) {}

  byte[] encode() {
    int size = 9;
    for (List<LayerSsrcs> layers : tracks) {
      size += 1 + 8 * layers.size();
    }
    ByteBuffer out = ByteBuffer.allocate(size).putLong(epoch).put((byte) tracks.size());
    for (List<LayerSsrcs> layers : tracks) {
      out.put((byte) layers.size());
      for (LayerSsrcs layer : layers) {
        out.putInt(layer.ssrc).putInt(layer.rtxSsrc);
      }
    }
    return out.array();
  }

  /** Decodes what a parent sent; empty when it is malformed or over the bounds. */
  static Optional<LinkDescription> decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (in.remaining() < 9) {
      return Optional.empty();
    }
    long epoch = in.getLong();
    int trackCount = in.get();
    if (trackCount < 1 || trackCount > StreamDescription.TRACKS_MAX) {
      return Optional.empty();
    }
    List<List<LayerSsrcs>> tracks = new ArrayList<>();
    for (int t = 0; t < trackCount; t++) {
      int layerCount = in.hasRemaining() ? in.get() : 0;
      if (layerCount < 1
          || layerCount > StreamDescription.LAYERS_MAX
          || in.remaining() < 8 * layerCount) {
        return Optional.empty();
      }
      List<LayerSsrcs> layers = new ArrayList<>();
      for (int l = 0; l < layerCount; l++) {
        layers.add(new LayerSsrcs(in.getInt(), in.getInt()));
      }
      tracks.add(List.copyOf(layers));
    }
    return in.hasRemaining()
        ? Optional.empty()
        : Optional.of(new LinkDescription(epoch, List.copyOf(tracks)));
  }
}
