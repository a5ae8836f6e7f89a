package live.banyan.sfu.codec;

import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;

/** What an Opus packet's first byte tells (RFC 6716 §3.1). Stateless, any thread. */
public final class OpusPayload {
  /** Result where the packet does not parse. */
  public static final int MALFORMED = -1;

  private static final int SAMPLES_PER_MS = 48;

  private OpusPayload() {}

  /**
   * A packet that only says "silence goes on": with DTX an encoder sends one or two bytes (RFC 6716
   * §3.2.1 code 0 with an empty frame).
   */
  public static boolean isDtx(int payloadLength) {
    return payloadLength <= 2;
  }

  /** Whether the packet is stereo. */
  public static boolean stereo(MemorySegment payload, long offset) {
    return (u8(payload, offset) & 0x04) != 0;
  }

  /** Samples of one frame at 48 kHz, 120 to 2,880, from the configuration number. */
  public static int frameSamples(int toc) {
    int config = toc >> 3;
    if (config < 12) {
      // SILK: 10, 20, 40, 60 ms.
      int step = config & 3;
      return (step == 0 ? 10 : 20 * step) * SAMPLES_PER_MS;
    }
    if (config < 16) {
      return (config & 1) == 0 ? 10 * SAMPLES_PER_MS : 20 * SAMPLES_PER_MS;
    }
    // CELT: 2.5, 5, 10, 20 ms.
    return 120 << (config & 3);
  }

  /**
   * Samples of the whole packet at 48 kHz.
   *
   * @return up to 5,760 (120 ms), or {@link #MALFORMED}
   */
  public static int samples(MemorySegment payload, long offset, int length) {
    if (length < 1) {
      return MALFORMED;
    }
    int toc = u8(payload, offset);
    int frames;
    switch (toc & 0x03) {
      case 0 -> frames = 1;
      case 1, 2 -> frames = 2;
      default -> {
        if (length < 2) {
          return MALFORMED;
        }
        frames = u8(payload, offset + 1) & 0x3F;
      }
    }
    int samples = frames * frameSamples(toc);
    return frames == 0 || samples > 120 * SAMPLES_PER_MS ? MALFORMED : samples;
  }
}
