package live.banyan.sfu.depacket;

import static live.banyan.sfu.packet.NetworkOrder.u16;
import static live.banyan.sfu.packet.NetworkOrder.u8;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.codec.H264Payload;

/** RFC 6184 modes 0 and 1: NAL units behind start codes (Annex B). */
final class H264Joiner extends PayloadJoiner {
  private boolean keyframe;
  private boolean reference;
  private boolean slices;
  private boolean fragmentOpen;

  @Override
  void begin() {
    super.begin();
    keyframe = false;
    reference = false;
    slices = false;
    fragmentOpen = false;
  }

  @Override
  boolean add(MemorySegment payload, int length) {
    if (length < 1) {
      return false;
    }
    int type = H264Payload.type(u8(payload, 0));
    if (fragmentOpen && type != H264Payload.FU_A) {
      fragmentOpen = false;
      return false;
    }
    return switch (type) {
      case H264Payload.STAP_A -> addAggregate(payload, length);
      case H264Payload.FU_A -> addFragment(payload, length);
      default -> type < H264Payload.STAP_A && addUnit(payload, 0, length);
    };
  }

  private boolean addUnit(MemorySegment payload, long offset, int length) {
    note(u8(payload, offset));
    append(0, 0, 0, 1);
    append(payload, offset, length);
    return true;
  }

  private void note(int header) {
    int type = H264Payload.type(header);
    keyframe |= type == H264Payload.IDR;
    if (type == H264Payload.IDR || type == H264Payload.SLICE) {
      slices = true;
      reference |= (header & 0x60) != 0;
    }
  }

  private boolean addAggregate(MemorySegment payload, int length) {
    int at = 1;
    while (at + 2 < length) {
      int size = u16(payload, at);
      if (size == 0 || at + 2 + size > length) {
        return false;
      }
      addUnit(payload, at + 2, size);
      at += 2 + size;
    }
    return at == length;
  }

  private boolean addFragment(MemorySegment payload, int length) {
    if (length < 3) {
      return false;
    }
    int fragment = u8(payload, 1);
    boolean start = (fragment & 0x80) != 0;
    // A unit header is the indicator's importance and the fragment's type (RFC 6184 §5.8).
    int header = u8(payload, 0) & 0xE0 | fragment & 0x1F;
    note(header);
    if (start == fragmentOpen) {
      return false;
    }
    if (start) {
      append(0, 0, 0, 1, header);
    }
    append(payload, 2, length - 2);
    fragmentOpen = (fragment & 0x40) == 0;
    return true;
  }

  @Override
  boolean keyframe() {
    return keyframe;
  }

  @Override
  boolean finish(boolean complete) {
    boolean whole = complete && !fragmentOpen;
    if (keyframe) {
      return chain.keyframe(whole, -1);
    }
    return chain.delta(whole, slices && !reference);
  }
}
