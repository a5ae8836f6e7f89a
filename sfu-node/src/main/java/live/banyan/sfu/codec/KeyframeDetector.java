package live.banyan.sfu.codec;

import java.lang.foreign.MemorySegment;

/**
 * One entry for all codecs to what a forwarder asks of each packet. Holds a descriptor to parse
 * into, so: one instance per thread. Allocates nothing after construction.
 */
public final class KeyframeDetector {
  private final Vp8Descriptor vp8 = new Vp8Descriptor();
  private final Vp9Descriptor vp9 = new Vp9Descriptor();

  /**
   * Whether a decoder that has seen nothing can begin with this packet. Every audio packet can be
   * begun with. H.264 says so of several packets of one keyframe; compare timestamps.
   */
  public boolean isKeyframeStart(Codec codec, MemorySegment payload, long offset, int length) {
    return switch (codec) {
      case OPUS -> length > 0;
      case VP8 -> vp8.parse(payload, offset, length) > 0 && vp8.keyframe();
      case VP9 -> vp9.parse(payload, offset, length) > 0 && vp9.keyframe();
      case H264 -> H264Payload.isKeyframeStart(payload, offset, length);
      case AV1 -> Av1Payload.isKeyframeStart(payload, offset, length);
    };
  }

  /** Whether this packet can be the first of a frame; H.264 and AV1 cannot tell for sure. */
  public boolean startsFrame(Codec codec, MemorySegment payload, long offset, int length) {
    return switch (codec) {
      case OPUS -> length > 0;
      case VP8 -> vp8.parse(payload, offset, length) > 0 && vp8.startsFrame();
      case VP9 -> vp9.parse(payload, offset, length) > 0 && vp9.startsPicture();
      case H264 -> H264Payload.startsFrame(payload, offset, length);
      case AV1 -> Av1Payload.startsFrame(payload, offset, length);
    };
  }
}
