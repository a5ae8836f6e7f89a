package live.banyan.sfu.depacket;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import live.banyan.sfu.codec.Vp9Descriptor;

/** RFC 9628: a picture is the payloads of all its spatial layers behind their descriptors. */
final class Vp9Joiner extends PayloadJoiner {
  /** P_DIFF has seven bits, so no reference is older. */
  private static final int HISTORY = 128;

  private final Vp9Descriptor descriptor = new Vp9Descriptor();
  private final int[] decoded = new int[HISTORY];
  private boolean keyframe;
  private boolean parsed;
  private boolean referencesDecoded;

  Vp9Joiner() {
    Arrays.fill(decoded, Vp9Descriptor.ABSENT);
  }

  @Override
  void begin() {
    super.begin();
    keyframe = false;
    parsed = false;
    referencesDecoded = true;
  }

  @Override
  boolean add(MemorySegment payload, int length) {
    int header = descriptor.parse(payload, 0, length);
    if (header < 0) {
      return false;
    }
    parsed = true;
    keyframe |= descriptor.keyframe();
    for (int i = 0; i < descriptor.referenceCount(); i++) {
      int mask = descriptor.longPictureId() ? 0x7FFF : 0x7F;
      int reference = (descriptor.pictureId() - descriptor.reference(i)) & mask;
      referencesDecoded &= decoded[reference % HISTORY] == reference;
    }
    append(payload, header, length - header);
    return true;
  }

  @Override
  boolean keyframe() {
    return keyframe;
  }

  @Override
  boolean finish(boolean complete) {
    boolean flexible = parsed && descriptor.flexible() && descriptor.pictureId() >= 0;
    if (keyframe) {
      Arrays.fill(decoded, Vp9Descriptor.ABSENT);
    }
    boolean decodable = isDecodable(complete, flexible);
    if (flexible) {
      decoded[descriptor.pictureId() % HISTORY] =
          decodable ? descriptor.pictureId() : Vp9Descriptor.ABSENT;
    }
    return decodable;
  }

  private boolean isDecodable(boolean complete, boolean flexible) {
    int tl0 = parsed ? descriptor.tl0PictureIndex() : Vp9Descriptor.ABSENT;
    if (keyframe) {
      return chain.keyframe(complete, tl0);
    }
    if (flexible) {
      // P_DIFF names what is needed, so a loss that nobody names does no harm.
      return complete && referencesDecoded;
    }
    if (tl0 == Vp9Descriptor.ABSENT) {
      return chain.delta(complete, false);
    }
    return chain.layered(
        complete, false, tl0, descriptor.temporalLayer(), descriptor.switchingUp());
  }

  @Override
  void gap() {
    chain.gap(true);
  }
}
