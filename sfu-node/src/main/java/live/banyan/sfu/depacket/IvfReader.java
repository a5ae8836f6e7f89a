package live.banyan.sfu.depacket;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import live.banyan.sfu.codec.Codec;
import org.jspecify.annotations.Nullable;

/**
 * Frames of an IVF file, which may be a mapped one. Opus packets may stand in one, too, with the
 * code {@code Opus} and a time base of 1/48,000 s. Not thread safe.
 *
 * <pre>
 *  "DKIF" version(16) header length(16) code(4 bytes) width(16) height(16)
 *  time base denominator(32) numerator(32) frames(32) unused(32); each frame: length(32) time(64)
 * </pre>
 *
 * All little-endian.
 */
public final class IvfReader {
  static final int HEADER_LENGTH = 32;
  static final int FRAME_HEADER_LENGTH = 12;
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment file;
  private final int firstFrame;
  private final String code;
  private long at;
  private long frameOffset;
  private int frameLength;
  private long frameTime;

  /**
   * @throws IllegalArgumentException with a sentence for the user where this is no IVF file
   */
  public IvfReader(MemorySegment file) {
    if (file.byteSize() < HEADER_LENGTH || file.get(INT, 0) != 0x46494B44) {
      throw new IllegalArgumentException("not an IVF file: it does not begin with DKIF");
    }
    firstFrame = file.get(SHORT, 6) & 0xFFFF;
    if (firstFrame < HEADER_LENGTH || file.get(INT, 16) <= 0 || file.get(INT, 20) <= 0) {
      throw new IllegalArgumentException("the IVF header is damaged");
    }
    this.file = file;
    byte[] letters = file.asSlice(8, 4).toArray(ValueLayout.JAVA_BYTE);
    code = new String(letters, StandardCharsets.US_ASCII);
    at = firstFrame;
  }

  /** The codec, or null where its code is none that a node forwards. */
  public @Nullable Codec codec() {
    return switch (code.toUpperCase(Locale.ROOT)) {
      case "VP80" -> Codec.VP8;
      case "VP90" -> Codec.VP9;
      case "AV01" -> Codec.AV1;
      case "H264" -> Codec.H264;
      case "OPUS" -> Codec.OPUS;
      default -> null;
    };
  }

  /** The four letters that name the codec. */
  public String code() {
    return code;
  }

  public int width() {
    return file.get(SHORT, 12) & 0xFFFF;
  }

  public int height() {
    return file.get(SHORT, 14) & 0xFFFF;
  }

  /** Moves to the next frame. @return false at the end, or where the file is cut off */
  public boolean next() {
    if (at + FRAME_HEADER_LENGTH > file.byteSize()) {
      return false;
    }
    int length = file.get(INT, at);
    if (length < 0 || length > file.byteSize() - at - FRAME_HEADER_LENGTH) {
      return false;
    }
    frameLength = length;
    frameTime = file.get(LONG, at + 4);
    frameOffset = at + FRAME_HEADER_LENGTH;
    at = frameOffset + length;
    return true;
  }

  /** Bytes of the frame that {@link #next} moved to. */
  public byte[] frame() {
    return file.asSlice(frameOffset, frameLength).toArray(ValueLayout.JAVA_BYTE);
  }

  /** When the frame is shown, in nanoseconds from the file's zero. */
  public long frameTimeNs() {
    long numerator = file.get(INT, 20);
    long denominator = file.get(INT, 16);
    long seconds = frameTime * numerator / denominator;
    long rest = frameTime * numerator % denominator;
    return seconds * 1_000_000_000 + rest * 1_000_000_000 / denominator;
  }

  /** Goes back to before the first frame. */
  public void rewind() {
    at = firstFrame;
  }
}
