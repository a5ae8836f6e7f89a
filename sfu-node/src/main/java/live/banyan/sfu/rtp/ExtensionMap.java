package live.banyan.sfu.rtp;

import java.util.Map;

/**
 * Which local identifier (1 to 255) each negotiated header extension has on one link. Immutable.
 */
public final class ExtensionMap {
  /** Nothing negotiated. */
  public static final ExtensionMap EMPTY = new ExtensionMap(Map.of());

  /**
   * Identifiers on relay links: fixed, so that a packet can change parents without being rewritten.
   */
  public static final ExtensionMap RELAY =
      new ExtensionMap(
          Map.of(
              ExtensionKind.ABS_CAPTURE_TIME, 1,
              ExtensionKind.AUDIO_LEVEL, 2,
              ExtensionKind.VIDEO_ORIENTATION, 3,
              ExtensionKind.PLAYOUT_DELAY, 4,
              ExtensionKind.DEPENDENCY_DESCRIPTOR, 5));

  private final int[] ids = new int[ExtensionKind.values().length];

  /** Builds a map; identifiers outside 1 to 255 are refused with IllegalArgumentException. */
  public ExtensionMap(Map<ExtensionKind, Integer> entries) {
    entries.forEach(
        (kind, id) -> {
          if (id < 1 || id > 255) {
            throw new IllegalArgumentException("extension id " + id + " is not 1 to 255");
          }
          ids[kind.ordinal()] = id;
        });
  }

  /** The identifier, or 0 where the extension was not negotiated. */
  public int id(ExtensionKind kind) {
    return ids[kind.ordinal()];
  }
}
