package live.banyan.node.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import live.banyan.sfu.sctp.WireText;
import org.jspecify.annotations.Nullable;

/**
 * Which layers of a stream a child needs, as it tells its parents:
 *
 * <pre>
 * version (1) | epoch (8) | track count (1) | per track: layers, a bit each, the lowest one's first (1)
 * | stream in UTF-8, to the end
 * </pre>
 *
 * @param layers by track; 0 where nothing is said of it
 */
public record LayerNeeds(String stream, long epoch, List<Integer> layers) {
  private static final int VERSION = 1;
  private static final int FIXED_BYTES = 1 + 8 + 1;
  private static final int TRACKS_MAX = 8;
  private static final int NAME_BYTES_MAX = 512;

  public LayerNeeds {
    layers = List.copyOf(layers);
  }

  byte[] encode() {
    byte[] name = stream.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out =
        ByteBuffer.allocate(FIXED_BYTES + layers.size() + name.length)
            .put((byte) VERSION)
            .putLong(epoch)
            .put((byte) layers.size());
    layers.forEach(mask -> out.put(mask.byteValue()));
    return out.put(name).array();
  }

  /**
   * @return null when it is short, of another version, over the bounds, or has an impossible name
   */
  static @Nullable LayerNeeds decode(byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    if (bytes.length < FIXED_BYTES || in.get() != VERSION) {
      return null;
    }
    long epoch = in.getLong();
    int tracks = in.get();
    if (tracks < 1 || tracks > TRACKS_MAX || in.remaining() < tracks) {
      return null;
    }
    Integer[] layers = new Integer[tracks];
    for (int t = 0; t < tracks; t++) {
      layers[t] = in.get() & 0xff;
    }
    if (!in.hasRemaining() || in.remaining() > NAME_BYTES_MAX) {
      return null;
    }
    byte[] name = new byte[in.remaining()];
    in.get(name);
    String stream = WireText.read(name);
    return stream == null ? null : new LayerNeeds(stream, epoch, List.of(layers));
  }
}
