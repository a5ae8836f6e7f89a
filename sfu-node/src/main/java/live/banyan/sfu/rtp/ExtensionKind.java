package live.banyan.sfu.rtp;

/** RTP header extensions that a node understands; all others are stripped at the first node. */
public enum ExtensionKind {
  MID("urn:ietf:params:rtp-hdrext:sdes:mid"),
  RID("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"),
  REPAIRED_RID("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"),
  TRANSPORT_SEQUENCE("http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"),
  ABS_SEND_TIME("http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"),
  ABS_CAPTURE_TIME("http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time"),
  AUDIO_LEVEL("urn:ietf:params:rtp-hdrext:ssrc-audio-level"),
  VIDEO_ORIENTATION("urn:3gpp:video-orientation"),
  PLAYOUT_DELAY("http://www.webrtc.org/experiments/rtp-hdrext/playout-delay"),
  DEPENDENCY_DESCRIPTOR(
      "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension");

  private final String uri;

  ExtensionKind(String uri) {
    this.uri = uri;
  }

  /** The URI of {@code a=extmap} (RFC 8285 §5). */
  public String uri() {
    return uri;
  }
}
