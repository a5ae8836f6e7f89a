package live.banyan.sfu.codec;

/** Codecs that a node forwards. Forwarding never decodes; see the parsers of this package. */
public enum Codec {
  OPUS("opus", true, 48_000, 111),
  VP8("VP8", false, 90_000, 96),
  VP9("VP9", false, 90_000, 98),
  H264("H264", false, 90_000, 100),
  AV1("AV1", false, 90_000, 102);

  private final String encodingName;
  private final boolean audio;
  private final int clockRateHz;
  private final int relayPayloadType;

  Codec(String encodingName, boolean audio, int clockRateHz, int relayPayloadType) {
    this.encodingName = encodingName;
    this.audio = audio;
    this.clockRateHz = clockRateHz;
    this.relayPayloadType = relayPayloadType;
  }

  /** The name in {@code a=rtpmap}; compared without case. */
  public String encodingName() {
    return encodingName;
  }

  public boolean audio() {
    return audio;
  }

  /** RTP timestamp units per second. */
  public int clockRateHz() {
    return clockRateHz;
  }

  /** Payload type on relay links, fixed as {@code ExtensionMap.RELAY} is; RTX has the next one. */
  public int relayPayloadType() {
    return relayPayloadType;
  }
}
