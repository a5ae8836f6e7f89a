package live.banyan.sfu.depacket;

/** RFC 7741 with a picture id of 15 bits, as browsers send it. */
final class Vp8Packetizer extends Packetizer {
  private static final int DESCRIPTOR_LENGTH = 4;

  private int pictureId;

  Vp8Packetizer(int maxPayload) {
    super(maxPayload);
  }

  @Override
  public int packetize(byte[] frame, PayloadSink sink) {
    int parts = parts(frame.length, maxPayload - DESCRIPTOR_LENGTH);
    for (int i = 0; i < parts; i++) {
      int from = partStart(frame.length, parts, i);
      int length = partStart(frame.length, parts, i + 1) - from;
      put(0, i == 0 ? 0x90 : 0x80);
      put(1, 0x80);
      put(2, 0x80 | pictureId >> 8);
      put(3, pictureId);
      copy(frame, from, DESCRIPTOR_LENGTH, length);
      sink.payload(buffer, DESCRIPTOR_LENGTH + length, i == parts - 1);
    }
    if (parts > 0) {
      pictureId = pictureId + 1 & 0x7FFF;
    }
    return parts;
  }
}
