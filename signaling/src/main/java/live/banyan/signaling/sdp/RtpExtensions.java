package live.banyan.signaling.sdp;

import java.util.List;
import java.util.stream.Stream;

/** URIs of the RTP header extensions that the media plane understands (RFC 8285 §5). */
public final class RtpExtensions {
  public static final String MID = "urn:ietf:params:rtp-hdrext:sdes:mid";
  public static final String RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id";
  public static final String REPAIRED_RID =
      "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id";
  public static final String TRANSPORT_SEQUENCE =
      "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
  public static final String ABS_SEND_TIME =
      "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";
  public static final String ABS_CAPTURE_TIME =
      "http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time";
  public static final String AUDIO_LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level";
  public static final String VIDEO_ORIENTATION = "urn:3gpp:video-orientation";
  public static final String PLAYOUT_DELAY =
      "http://www.webrtc.org/experiments/rtp-hdrext/playout-delay";
  public static final String DEPENDENCY_DESCRIPTOR =
      "https://aomediacodec.github.io/av1-rtp-spec/#dependency-descriptor-rtp-header-extension";

  /** What a publisher may send to us. */
  static final List<String> FROM_PUBLISHERS =
      List.of(
          MID,
          RID,
          REPAIRED_RID,
          TRANSPORT_SEQUENCE,
          ABS_SEND_TIME,
          ABS_CAPTURE_TIME,
          AUDIO_LEVEL,
          VIDEO_ORIENTATION,
          PLAYOUT_DELAY,
          DEPENDENCY_DESCRIPTOR);

  private static final List<String> TO_VIEWERS =
      List.of(
          MID,
          ABS_CAPTURE_TIME,
          AUDIO_LEVEL,
          VIDEO_ORIENTATION,
          PLAYOUT_DELAY,
          DEPENDENCY_DESCRIPTOR);

  private static final List<String> TO_REPORTING_VIEWERS =
      Stream.concat(TO_VIEWERS.stream(), Stream.of(TRANSPORT_SEQUENCE)).toList();

  private RtpExtensions() {}

  /**
   * What we send to viewers. Send time stays out: the estimate is made at our end, from transport
   * sequence numbers, which pictures carry; a sound is too little to learn from.
   *
   * @param reporting the viewer reports arrivals
   */
  static List<String> toViewers(boolean reporting) {
    return reporting ? TO_REPORTING_VIEWERS : TO_VIEWERS;
  }
}
