package live.banyan.sfu.client;

import java.util.List;
import live.banyan.sfu.codec.Codec;

/**
 * A payload type as we offer it; its RTX, video only, has the next number.
 *
 * @param fmtp format parameters, empty without
 */
record CodecOffer(Codec codec, int payloadType, String fmtp) {
  private static final String H264 = "level-asymmetry-allowed=1;packetization-mode=1;";

  static final CodecOffer OPUS = new CodecOffer(Codec.OPUS, 111, "minptime=10;useinbandfec=1");

  private static final CodecOffer VP8 = new CodecOffer(Codec.VP8, 96, "");
  private static final CodecOffer VP9 = new CodecOffer(Codec.VP9, 98, "profile-id=0");
  private static final CodecOffer AV1 = new CodecOffer(Codec.AV1, 102, "profile=0");
  private static final CodecOffer H264_CONSTRAINED =
      new CodecOffer(Codec.H264, 104, H264 + "profile-level-id=42e034");

  /** All that a viewer takes: it decodes nothing, so every profile is welcome. */
  static final List<CodecOffer> WATCHABLE =
      List.of(
          VP8,
          VP9,
          new CodecOffer(Codec.VP9, 100, "profile-id=2"),
          AV1,
          H264_CONSTRAINED,
          new CodecOffer(Codec.H264, 106, H264 + "profile-level-id=420034"),
          new CodecOffer(Codec.H264, 108, H264 + "profile-level-id=4d0034"),
          new CodecOffer(Codec.H264, 112, H264 + "profile-level-id=640034"));

  /** What a publisher of this codec offers. */
  static CodecOffer publishable(Codec codec) {
    return switch (codec) {
      case OPUS -> OPUS;
      case VP8 -> VP8;
      case VP9 -> VP9;
      case AV1 -> AV1;
      case H264 -> H264_CONSTRAINED;
    };
  }

  int rtxPayloadType() {
    return payloadType + 1;
  }
}
