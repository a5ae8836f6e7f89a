package live.banyan.sfu.depacket;

/** RFC 7587: a packet is a payload. The marker, start of a talk spurt, is left to the sender. */
final class OpusPacketizer extends Packetizer {
  OpusPacketizer(int maxPayload) {
    super(maxPayload);
  }

  @Override
  public int packetize(byte[] frame, PayloadSink sink) {
    if (frame.length == 0 || frame.length > maxPayload) {
      return 0;
    }
    copy(frame, 0, 0, frame.length);
    sink.payload(buffer, frame.length, false);
    return 1;
  }
}
