package live.banyan.sfu.depacket;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import live.banyan.sfu.codec.Codec;

/**
 * Makes one frame at a time out of payloads in sequence order: {@link #begin}, {@link #add} for
 * each, {@link #finish}. Remembers between frames what has been decoded.
 */
abstract class PayloadJoiner {
  final ReferenceChain chain = new ReferenceChain();
  private final ByteArrayOutputStream data = new ByteArrayOutputStream();

  static PayloadJoiner of(Codec codec) {
    return switch (codec) {
      case OPUS -> new OpusJoiner();
      case VP8 -> new Vp8Joiner();
      case VP9 -> new Vp9Joiner();
      case H264 -> new H264Joiner();
      case AV1 -> new Av1Joiner();
    };
  }

  void begin() {
    data.reset();
  }

  /**
   * @return false where the payload is malformed or does not continue the one before
   */
  abstract boolean add(MemorySegment payload, int length);

  /** The frame added refers to none before it; meaningful before {@link #finish}. */
  abstract boolean keyframe();

  /**
   * @return whether the frame is decodable
   */
  abstract boolean finish(boolean complete);

  /** Whole frames were lost in front of the next one. */
  void gap() {
    chain.gap(false);
  }

  byte[] data() {
    return data.toByteArray();
  }

  final void append(MemorySegment payload, long offset, long length) {
    data.writeBytes(payload.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE));
  }

  final void append(int... bytes) {
    for (int b : bytes) {
      data.write(b);
    }
  }
}
