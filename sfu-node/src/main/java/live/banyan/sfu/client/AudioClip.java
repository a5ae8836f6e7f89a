package live.banyan.sfu.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.codec.OpusPayload;

/** The Opus packets of an Ogg file in memory (RFC 3533, RFC 7845). */
final class AudioClip {
  private static final int PAGE_HEADER_BYTES = 27;
  private static final int CAPTURE_PATTERN = 0x5367674F; // "OggS", little-endian
  private static final int LACING_CONTINUES = 255;
  private static final long NANOS_PER_SAMPLE_NUMERATOR = 1_000_000_000L;
  private static final long SAMPLES_PER_SECOND = 48_000L;

  private final List<byte[]> packets = new ArrayList<>();

  private AudioClip() {}

  /**
   * Reads a clip of one Opus stream.
   *
   * @throws IOException with a sentence for the user where this cannot be played
   */
  static AudioClip read(byte[] file) throws IOException {
    AudioClip clip = new AudioClip();
    List<byte[]> raw = packets(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
    if (raw.isEmpty() || !begins(raw.getFirst(), "OpusHead")) {
      throw new IOException("not an Ogg file with Opus in it");
    }
    for (byte[] packet : raw) {
      boolean header = begins(packet, "OpusHead") || begins(packet, "OpusTags");
      if (!header && durationNs(packet) > 0) {
        clip.packets.add(packet);
      }
    }
    if (clip.packets.isEmpty()) {
      throw new IOException("the Ogg file holds no sound");
    }
    return clip;
  }

  private static List<byte[]> packets(ByteBuffer file) throws IOException {
    List<byte[]> packets = new ArrayList<>();
    ByteArrayOutputStream open = new ByteArrayOutputStream();
    while (file.remaining() >= PAGE_HEADER_BYTES) {
      int page = file.position();
      int segments = file.get(page + 26) & 0xff;
      if (file.getInt(page) != CAPTURE_PATTERN || file.remaining() < PAGE_HEADER_BYTES + segments) {
        throw new IOException("the Ogg file is damaged at byte " + page);
      }
      file.position(page + PAGE_HEADER_BYTES + segments);
      for (int i = 0; i < segments; i++) {
        int length = file.get(page + PAGE_HEADER_BYTES + i) & 0xff;
        if (length > file.remaining()) {
          throw new IOException("the Ogg file is cut off");
        }
        byte[] segment = new byte[length];
        file.get(segment);
        open.writeBytes(segment);
        if (length < LACING_CONTINUES) {
          packets.add(open.toByteArray());
          open.reset();
        }
      }
    }
    return packets;
  }

  private static boolean begins(byte[] packet, String magic) {
    return new String(packet, 0, Math.min(packet.length, magic.length()), StandardCharsets.US_ASCII)
        .equals(magic);
  }

  private static long durationNs(byte[] packet) {
    int samples = OpusPayload.samples(MemorySegment.ofArray(packet), 0, packet.length);
    return samples * NANOS_PER_SAMPLE_NUMERATOR / SAMPLES_PER_SECOND;
  }

  int size() {
    return packets.size();
  }

  byte[] packet(int i) {
    return packets.get(i);
  }

  long durationNs(int i) {
    return durationNs(packets.get(i));
  }
}
