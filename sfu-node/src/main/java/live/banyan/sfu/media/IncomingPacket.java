package live.banyan.sfu.media;

import java.lang.foreign.MemorySegment;
import live.banyan.sfu.codec.Av1Payload;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.codec.H264Payload;
import live.banyan.sfu.codec.Vp8Descriptor;
import live.banyan.sfu.codec.Vp9Descriptor;
import live.banyan.sfu.packet.NetworkOrder;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.sfu.rtp.RtpExtensions;
import live.banyan.sfu.rtp.RtpHeader;
import live.banyan.sfu.rtp.Rtx;

/**
 * One unprotected RTP packet as ingress found it, taken apart once. One instance per shard, used
 * over and over; the fields are what {@link PacketCache} keeps beside the bytes.
 */
public final class IncomingPacket {
  /** Extensions that travel from a source to its subscribers; all others end at this node. */
  static final ExtensionKind[] CARRIED = {
    ExtensionKind.ABS_CAPTURE_TIME,
    ExtensionKind.AUDIO_LEVEL,
    ExtensionKind.VIDEO_ORIENTATION,
    ExtensionKind.PLAYOUT_DELAY,
    ExtensionKind.DEPENDENCY_DESCRIPTOR
  };

  private static final int AUDIO_LEVEL = 1;

  /** Place of the dependency descriptor in {@link #CARRIED}. */
  static final int DESCRIPTOR = 4;

  // Of the packet read last, where its codec is theirs and they parsed it.
  final Vp8Descriptor vp8 = new Vp8Descriptor();
  final Vp9Descriptor vp9 = new Vp9Descriptor();
  MemorySegment memory = MemorySegment.NULL;
  long offset;
  int length;
  int payloadOffset;
  int payloadLength;
  // Bytes between header and payload that are not the payload's: the OSN of an RTX packet, the
  // headers and older blocks of redundant audio.
  int payloadSkip;
  int sequence;
  int timestamp;
  int ssrc;
  int payloadType;
  boolean marker;
  long arrivalNs;
  // Made at this node from others: when it is there says nothing of the way to the source.
  boolean made;
  final int[] extensionOffsets = new int[CARRIED.length];
  final int[] extensionLengths = new int[CARRIED.length];
  boolean keyframe;
  // Of a keyframe's picture, in pixels; 0 where the packet does not tell.
  int width;
  int height;
  // Picture id and TL0PICIDX of VP8 and VP9, with their places in the payload; -1 for none.
  int pictureId;
  int pictureIdPlace;
  boolean pictureIdWide;
  int tl0Index;
  int tl0Place;
  // As the payload descriptor tells; -1 where it does not.
  int temporalLayer;
  int spatialLayer;

  /**
   * Takes the fixed header apart. Extensions are read by {@link #readExtensions} once the sender is
   * known, the payload by {@link Layer}.
   *
   * @return false where the bytes are not a valid RTP packet
   */
  public boolean read(MemorySegment memory, long offset, int length, long nowNs) {
    int headerLength = RtpHeader.check(memory, offset, length);
    if (headerLength < 0) {
      return false;
    }
    this.memory = memory;
    this.offset = offset;
    this.length = length;
    payloadOffset = headerLength;
    payloadLength = RtpHeader.payloadLength(memory, offset, length, headerLength);
    payloadSkip = 0;
    sequence = RtpHeader.sequence(memory, offset);
    timestamp = RtpHeader.timestamp(memory, offset);
    ssrc = RtpHeader.ssrc(memory, offset);
    payloadType = RtpHeader.payloadType(memory, offset);
    marker = RtpHeader.marker(memory, offset);
    arrivalNs = nowNs;
    made = false;
    return true;
  }

  /** Notes that the packet did not come but was made from others. */
  public void setMade() {
    made = true;
  }

  /** Finds the extensions that subscribers may be sent. */
  public void readExtensions(ExtensionMap ids) {
    for (int kind = 0; kind < CARRIED.length; kind++) {
      long element = RtpExtensions.find(memory, offset, ids.id(CARRIED[kind]));
      if (element == RtpExtensions.NONE) {
        extensionLengths[kind] = 0;
      } else {
        extensionOffsets[kind] = (int) (RtpExtensions.offset(element) - offset);
        extensionLengths[kind] = RtpExtensions.length(element);
      }
    }
  }

  /**
   * Turns an RTX packet into the one it repeats (RFC 4588 §4).
   *
   * @return false for a padding probe, which repeats nothing
   */
  public boolean unwrapRtx() {
    int original = Rtx.originalSequence(memory, offset + payloadOffset, payloadLength);
    if (original < 0) {
      return false;
    }
    sequence = original;
    payloadSkip = Rtx.OSN_LENGTH;
    payloadLength -= payloadSkip;
    return true;
  }

  /** Leaves the newest block of redundant audio, which begins so many bytes into the payload. */
  void unwrapRed(int primaryOffset) {
    payloadSkip = primaryOffset;
    payloadLength -= primaryOffset;
  }

  /** Reads from the payload what forwarding needs to know of its codec. */
  void readPayload(Codec codec) {
    long payload = offset + payloadOffset + payloadSkip;
    pictureId = -1;
    tl0Index = -1;
    temporalLayer = -1;
    spatialLayer = -1;
    keyframe = false;
    width = 0;
    height = 0;
    switch (codec) {
      case OPUS -> {}
      case VP8 -> {
        if (vp8.parse(memory, payload, payloadLength) > 0) {
          keyframe = vp8.keyframe();
          width = vp8.width();
          height = vp8.height();
          pictureId = vp8.pictureId();
          pictureIdWide = vp8.longPictureId();
          pictureIdPlace = vp8.pictureIdOffset();
          tl0Index = vp8.tl0PictureIndex();
          tl0Place = vp8.tl0Offset();
          temporalLayer = vp8.temporalLayer();
        }
      }
      case VP9 -> {
        if (vp9.parse(memory, payload, payloadLength) > 0) {
          keyframe = vp9.keyframe();
          pictureId = vp9.pictureId();
          pictureIdWide = vp9.longPictureId();
          pictureIdPlace = vp9.pictureIdOffset();
          tl0Index = vp9.tl0PictureIndex();
          tl0Place = vp9.tl0Offset();
          temporalLayer = vp9.temporalLayer();
          spatialLayer = vp9.spatialLayer();
          if (keyframe && vp9.spatialLayerCount() > 0) {
            width = vp9.width(vp9.spatialLayerCount() - 1);
            height = vp9.height(vp9.spatialLayerCount() - 1);
          }
        }
      }
      case H264 -> keyframe = H264Payload.isKeyframeStart(memory, payload, payloadLength);
      case AV1 -> keyframe = Av1Payload.isKeyframeStart(memory, payload, payloadLength);
    }
  }

  /** The sound's level in -dBov, 0 to 127; -1 where the packet does not tell (RFC 6464). */
  int audioLevel() {
    return extensionLengths[AUDIO_LEVEL] == 0
        ? -1
        : NetworkOrder.u8(memory, offset + extensionOffsets[AUDIO_LEVEL]) & 0x7F;
  }

  public int ssrc() {
    return ssrc;
  }

  public int payloadType() {
    return payloadType;
  }

  public int sequence() {
    return sequence;
  }

  public int timestamp() {
    return timestamp;
  }

  /** Whether it ends a frame of a picture (RFC 3551 §4.1). */
  public boolean marker() {
    return marker;
  }

  /** When it came, in the shard's clock. */
  public long arrivalNs() {
    return arrivalNs;
  }

  /** Where the payload begins in the memory that {@link #read} was given. */
  public long payloadAt() {
    return offset + payloadOffset + payloadSkip;
  }

  /** Bytes of payload, without padding. */
  public int payloadLength() {
    return payloadLength;
  }
}
