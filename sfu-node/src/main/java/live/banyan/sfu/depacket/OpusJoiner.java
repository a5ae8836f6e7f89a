package live.banyan.sfu.depacket;

import java.lang.foreign.MemorySegment;

/** Every Opus packet is a frame of its own; a decoder conceals what is missing. */
final class OpusJoiner extends PayloadJoiner {
  @Override
  boolean add(MemorySegment payload, int length) {
    append(payload, 0, length);
    return true;
  }

  @Override
  boolean keyframe() {
    return true;
  }

  @Override
  boolean finish(boolean complete) {
    return complete;
  }
}
