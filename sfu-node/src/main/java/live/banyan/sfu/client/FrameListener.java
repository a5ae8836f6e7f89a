package live.banyan.sfu.client;

import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.depacket.Frame;

/** Hears of each frame that a viewer puts together, on the host's thread: do not block. */
@FunctionalInterface
public interface FrameListener {
  /** Hears nothing. */
  FrameListener NONE = (codec, frame) -> {};

  /** A frame in decoding order, complete or not; {@link Codec#audio} tells sound from picture. */
  void onFrame(Codec codec, Frame frame);
}
