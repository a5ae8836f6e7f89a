package live.banyan.sfu.depacket;

import live.banyan.sfu.codec.H264Payload;

/** RFC 6184 mode 1: small NAL units alone, large ones in FU-A. Takes Annex B. */
final class H264Packetizer extends Packetizer {
  H264Packetizer(int maxPayload) {
    super(maxPayload);
  }

  @Override
  public int packetize(byte[] frame, PayloadSink sink) {
    int count = 0;
    int start = unitStart(frame, 0);
    while (start < frame.length) {
      int following = unitStart(frame, start);
      int end = following < frame.length ? trimmedEnd(frame, start, following) : frame.length;
      if (end > start) {
        count += unit(frame, start, end, following >= frame.length, sink);
      }
      start = following;
    }
    return count;
  }

  /** Index behind the next start code, or the array's length. */
  private static int unitStart(byte[] frame, int from) {
    for (int i = from; i + 2 < frame.length; i++) {
      if (frame[i] == 0 && frame[i + 1] == 0 && frame[i + 2] == 1) {
        return i + 3;
      }
    }
    return frame.length;
  }

  /** A unit ends before the zeros of the next start code. */
  private static int trimmedEnd(byte[] frame, int start, int following) {
    int end = following - 3;
    while (end > start && frame[end - 1] == 0) {
      end--;
    }
    return end;
  }

  private int unit(byte[] frame, int start, int end, boolean last, PayloadSink sink) {
    int length = end - start;
    if (length <= maxPayload) {
      copy(frame, start, 0, length);
      sink.payload(buffer, length, last);
      return 1;
    }
    int header = frame[start];
    int body = length - 1;
    int parts = parts(body, maxPayload - 2);
    for (int i = 0; i < parts; i++) {
      int from = partStart(body, parts, i);
      int size = partStart(body, parts, i + 1) - from;
      put(0, header & 0xE0 | H264Payload.FU_A);
      put(1, (i == 0 ? 0x80 : 0) | (i == parts - 1 ? 0x40 : 0) | H264Payload.type(header));
      copy(frame, start + 1 + from, 2, size);
      sink.payload(buffer, 2 + size, last && i == parts - 1);
    }
    return parts;
  }
}
