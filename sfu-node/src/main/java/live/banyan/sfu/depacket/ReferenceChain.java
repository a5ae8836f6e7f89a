package live.banyan.sfu.depacket;

import live.banyan.sfu.codec.Vp8Descriptor;

/**
 * Whether what a frame refers to has been decoded. Without layer information every frame is taken
 * to refer to the one before; with TL0PICIDX, to the newest frame of temporal layer 0 and, above
 * layer 0, to the layers below it since the last sync (RFC 7741 §4.2, RFC 9628 §4.2).
 */
final class ReferenceChain {
  private boolean baseIntact;
  private boolean upperIntact;
  private int lastTl0 = Vp8Descriptor.ABSENT;

  /** Whole frames were lost, unknown which. */
  void gap(boolean layered) {
    // With TL0PICIDX the next frame of layer 0 tells whether layer 0 lost anything.
    baseIntact &= layered && lastTl0 != Vp8Descriptor.ABSENT;
    upperIntact = false;
  }

  /**
   * @return whether the keyframe is decodable
   */
  boolean keyframe(boolean complete, int tl0) {
    baseIntact = complete;
    upperIntact = complete;
    lastTl0 = tl0;
    return complete;
  }

  /**
   * A frame without layer information.
   *
   * @return whether it is decodable
   */
  boolean delta(boolean complete, boolean nonReference) {
    boolean decodable = complete && baseIntact;
    if (!complete && !nonReference) {
      baseIntact = false;
    }
    return decodable;
  }

  /**
   * A frame with layer information.
   *
   * @return whether it is decodable
   */
  boolean layered(boolean complete, boolean nonReference, int tl0, int layer, boolean sync) {
    if (layer == 0) {
      boolean follows = lastTl0 == Vp8Descriptor.ABSENT || tl0 == ((lastTl0 + 1) & 0xFF);
      baseIntact &= follows && (complete || nonReference);
      lastTl0 = tl0;
      return baseIntact && complete;
    }
    boolean decodable = complete && baseIntact && tl0 == lastTl0 && (upperIntact || sync);
    if (decodable) {
      upperIntact = true;
    } else if (!nonReference) {
      upperIntact = false;
    }
    return decodable;
  }
}
