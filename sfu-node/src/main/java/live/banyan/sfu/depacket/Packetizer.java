package live.banyan.sfu.depacket;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.packet.NetworkOrder;

/**
 * Splits a publisher's frames into RTP payloads of almost equal lengths: equal datagrams leave as
 * one segmented send. Takes what {@link Frame#data} has. Not thread safe; the segment handed out is
 * used again.
 */
public abstract class Packetizer {
  /** Payload bytes that fit a 1,200-byte datagram behind header, extensions and SRTP tag. */
  public static final int DEFAULT_MAX_PAYLOAD = 1_120;

  final int maxPayload;
  final MemorySegment buffer;

  Packetizer(int maxPayload) {
    if (maxPayload < 64) {
      throw new IllegalArgumentException("payloads of " + maxPayload + " bytes are too short");
    }
    this.maxPayload = maxPayload;
    buffer = MemorySegment.ofArray(new byte[maxPayload]);
  }

  /**
   * @param maxPayload bytes, at least 64
   */
  public static Packetizer of(Codec codec, int maxPayload) {
    return switch (codec) {
      case OPUS -> new OpusPacketizer(maxPayload);
      case VP8 -> new Vp8Packetizer(maxPayload);
      case VP9 -> new Vp9Packetizer(maxPayload);
      case H264 -> new H264Packetizer(maxPayload);
      case AV1 -> new Av1Packetizer(maxPayload);
    };
  }

  /**
   * Splits one frame.
   *
   * @return number of payloads; 0 for an empty frame, or one that is not of this codec
   */
  public abstract int packetize(byte[] frame, PayloadSink sink);

  final void put(int at, int value) {
    NetworkOrder.put8(buffer, at, value);
  }

  final void copy(byte[] source, int from, int at, int length) {
    MemorySegment.copy(MemorySegment.ofArray(source), from, buffer, at, length);
  }

  /** Number of parts that {@code length} bytes need, {@code room} bytes each at most. */
  static int parts(int length, int room) {
    return (length + room - 1) / room;
  }

  /** Where part {@code i} of {@code parts} begins: lengths differ by one byte at most. */
  static int partStart(int length, int parts, int i) {
    return (int) ((long) length * i / parts);
  }
}
