package live.banyan.sfu.depacket;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import live.banyan.sfu.codec.Codec;

/** The headers of an IVF file; see {@link IvfReader} for the layout. Stateless. */
public final class IvfWriter {
  private IvfWriter() {}

  /**
   * The file's header. The time base is the codec's RTP clock.
   *
   * @param frames may be 0 where it is not known yet
   */
  public static byte[] header(Codec codec, int width, int height, int frames) {
    byte[] bytes = new byte[IvfReader.HEADER_LENGTH];
    MemorySegment header = MemorySegment.ofArray(bytes);
    put(header, 0, "DKIF");
    header.set(IvfReader.SHORT, 6, (short) IvfReader.HEADER_LENGTH);
    put(header, 8, code(codec));
    header.set(IvfReader.SHORT, 12, (short) width);
    header.set(IvfReader.SHORT, 14, (short) height);
    header.set(IvfReader.INT, 16, codec.clockRateHz());
    header.set(IvfReader.INT, 20, 1);
    header.set(IvfReader.INT, 24, frames);
    return bytes;
  }

  private static void put(MemorySegment header, int offset, String letters) {
    byte[] bytes = letters.getBytes(StandardCharsets.US_ASCII);
    MemorySegment.copy(bytes, 0, header, ValueLayout.JAVA_BYTE, offset, bytes.length);
  }

  private static String code(Codec codec) {
    return switch (codec) {
      case OPUS -> "Opus";
      case VP8 -> "VP80";
      case VP9 -> "VP90";
      case H264 -> "H264";
      case AV1 -> "AV01";
    };
  }

  /** What stands in front of each frame; {@code time} in RTP timestamp units from 0. */
  public static byte[] frameHeader(int length, long time) {
    byte[] bytes = new byte[IvfReader.FRAME_HEADER_LENGTH];
    MemorySegment header = MemorySegment.ofArray(bytes);
    header.set(IvfReader.INT, 0, length);
    header.set(IvfReader.LONG, 4, time);
    return bytes;
  }
}
