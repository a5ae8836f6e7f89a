package live.banyan.sfu.depacket;

import live.banyan.sfu.codec.Vp9Descriptor;

/** RFC 9628 in flexible mode without layers: every frame refers to the one before. */
final class Vp9Packetizer extends Packetizer {
  private static final int MAX_DESCRIPTOR_LENGTH = 4;

  private int pictureId;

  Vp9Packetizer(int maxPayload) {
    super(maxPayload);
  }

  @Override
  public int packetize(byte[] frame, PayloadSink sink) {
    int parts = parts(frame.length, maxPayload - MAX_DESCRIPTOR_LENGTH);
    boolean keyframe = parts > 0 && Vp9Descriptor.isKeyframeHeader(frame[0]);
    for (int i = 0; i < parts; i++) {
      int from = partStart(frame.length, parts, i);
      int length = partStart(frame.length, parts, i + 1) - from;
      int flags = 0x90 | (i == 0 ? 0x08 : 0) | (i == parts - 1 ? 0x04 : 0);
      put(0, keyframe ? flags : flags | 0x40);
      put(1, 0x80 | pictureId >> 8);
      put(2, pictureId);
      put(3, 1 << 1);
      int descriptor = keyframe ? 3 : 4;
      copy(frame, from, descriptor, length);
      sink.payload(buffer, descriptor + length, i == parts - 1);
    }
    if (parts > 0) {
      pictureId = pictureId + 1 & 0x7FFF;
    }
    return parts;
  }
}
