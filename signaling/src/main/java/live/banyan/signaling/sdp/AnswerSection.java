package live.banyan.signaling.sdp;

import java.util.List;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import org.jspecify.annotations.Nullable;

/** What becomes of one offered m-section. */
sealed interface AnswerSection {
  /** The section as offered; the answer repeats kind, protocol and mid. */
  MediaSection offered();

  /** Port 0, outside of BUNDLE. */
  record Declined(MediaSection offered) implements AnswerSection {}

  /** Data channels over the same transport. */
  record DataChannels(MediaSection offered) implements AnswerSection {}

  /**
   * Carried by the transport.
   *
   * @param direction ours; inactive where there is nothing to send
   * @param rids in the offer's order, empty without simulcast
   * @param stereo whether Opus is stereo
   * @param fec repair packets as offered, or null
   */
  record Accepted(
      MediaSection offered,
      Direction direction,
      List<NegotiatedCodec> codecs,
      List<HeaderExtension> extensions,
      List<String> rids,
      boolean stereo,
      @Nullable OfferedCodec fec)
      implements AnswerSection {}
}
