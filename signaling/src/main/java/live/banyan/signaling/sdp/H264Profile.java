package live.banyan.signaling.sdp;

import java.util.Locale;
import java.util.Map;

/** H.264 profiles as {@code profile-level-id} tells them (RFC 6184 §8.1, table 5). */
enum H264Profile {
  CONSTRAINED_BASELINE,
  BASELINE,
  MAIN,
  CONSTRAINED_HIGH,
  HIGH,
  OTHER;

  private static final String DEFAULT_ID = "42000a";

  static H264Profile of(Map<String, String> fmtp) {
    String id = fmtp.getOrDefault("profile-level-id", DEFAULT_ID).toLowerCase(Locale.ROOT);
    if (id.length() != 6) {
      return OTHER;
    }
    int value;
    try {
      value = Integer.parseUnsignedInt(id, 16);
    } catch (NumberFormatException notHexadecimal) {
      return OTHER;
    }
    int idc = value >>> 16;
    int constraints = value >>> 8 & 0xff;
    boolean set0 = (constraints & 0x80) != 0;
    boolean set1 = (constraints & 0x40) != 0;
    return switch (idc) {
      case 0x42 -> set1 ? CONSTRAINED_BASELINE : BASELINE;
      case 0x4d -> set0 ? CONSTRAINED_BASELINE : MAIN;
      case 0x58 -> set0 && set1 ? CONSTRAINED_BASELINE : set0 ? BASELINE : OTHER;
      case 0x64 -> (constraints & 0x0c) == 0x0c ? CONSTRAINED_HIGH : HIGH;
      default -> OTHER;
    };
  }

  /**
   * Whether a decoder of this profile plays a stream of the other. Encoders that say Baseline never
   * use its error resilience tools (slice groups, arbitrary order), so Baseline counts as
   * Constrained Baseline: FFmpeg says 42001e for what every browser decodes.
   */
  boolean decodes(H264Profile stream) {
    return switch (stream) {
      case CONSTRAINED_BASELINE, BASELINE -> this != OTHER;
      case MAIN -> this == MAIN || this == HIGH;
      case CONSTRAINED_HIGH -> this == CONSTRAINED_HIGH || this == HIGH;
      case HIGH -> this == HIGH;
      case OTHER -> false;
    };
  }
}
