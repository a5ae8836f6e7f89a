package live.banyan.sfu.depacket;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.codec.Vp8Descriptor;

/** RFC 7741: frames are the payloads behind the descriptors. */
final class Vp8Joiner extends PayloadJoiner {
  private final Vp8Descriptor descriptor = new Vp8Descriptor();
  private boolean keyframe;
  private boolean parsed;

  @Override
  void begin() {
    super.begin();
    keyframe = false;
    parsed = false;
  }

  @Override
  boolean add(MemorySegment payload, int length) {
    int header = descriptor.parse(payload, 0, length);
    if (header < 0) {
      return false;
    }
    parsed = true;
    keyframe |= descriptor.keyframe();
    append(payload, header, length - header);
    return true;
  }

  @Override
  boolean keyframe() {
    return keyframe;
  }

  @Override
  boolean finish(boolean complete) {
    int layer = descriptor.temporalLayer();
    int tl0 =
        parsed && layer != Vp8Descriptor.ABSENT
            ? descriptor.tl0PictureIndex()
            : Vp8Descriptor.ABSENT;
    if (keyframe) {
      return chain.keyframe(complete, tl0);
    }
    boolean nonReference = parsed && descriptor.nonReference();
    return tl0 == Vp8Descriptor.ABSENT
        ? chain.delta(complete, nonReference)
        : chain.layered(complete, nonReference, tl0, layer, descriptor.layerSync());
  }

  @Override
  void gap() {
    chain.gap(true);
  }
}
