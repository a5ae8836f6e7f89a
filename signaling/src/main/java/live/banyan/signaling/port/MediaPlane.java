package live.banyan.signaling.port;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The media plane as signalling sees it. Futures complete on any thread. Refusals are values; a
 * failed future is a bug or a node that is going down.
 */
public interface MediaPlane {

  /**
   * Opens a publication. Completes once the shard answers STUN for it, since the publisher's first
   * check often overtakes the HTTP answer. An older publication of the stream is replaced.
   */
  CompletionStage<Opening> publish(String sessionId, String stream, RemoteSession remote);

  /**
   * What a stream consists of. Makes this node take the stream from a parent when it is live
   * elsewhere, and waits for its description (not for its first packet).
   */
  CompletionStage<Lookup> find(String stream);

  /** Opens a viewer's session on a stream that {@link #find} has described. */
  CompletionStage<Opening> subscribe(String sessionId, String stream, RemoteSession remote);

  /** New remote credentials; completes with new local ones, or empty when the session is gone. */
  CompletionStage<Optional<LocalIce>> restartIce(
      String sessionId, String remoteUfrag, String remotePassword);

  /** A stream's video layers as this node has them, lowest first; none where it has no video. */
  CompletionStage<List<VideoLayer>> layers(String stream);

  /** How loud a stream is now; empty where its broadcaster tells no levels (RFC 6464). */
  CompletionStage<Optional<Sound>> sound(String stream);

  /**
   * Keeps a viewer's picture at or below a layer, from that layer's next keyframe on; what needs
   * none inside an encoding holds from the next frame on.
   */
  CompletionStage<LayerChoice> choose(String sessionId, LayerWish wish);

  /**
   * The priority of a picture that nobody looks at: the smallest layer, and none where that is
   * scarce.
   */
  int PRIORITY_UNSEEN = 0;

  /** The priority of a picture before anything was said. */
  int PRIORITY_SEEN = 1;

  int PRIORITY_MAX = 255;

  /**
   * Says how much a viewer cares for its picture: of what its path bears, pictures of a higher
   * priority get better layers first.
   *
   * @param priority {@link #PRIORITY_UNSEEN} to {@link #PRIORITY_MAX}
   * @return false when the session is gone or has no picture
   */
  CompletionStage<Boolean> prioritise(String sessionId, int priority);

  /** Ends a session; false when it is gone already. */
  CompletionStage<Boolean> close(String sessionId);

  /** Registers for sessions that end by themselves: (session id, sentence for the log). */
  void onSessionEnded(BiConsumer<String, String> listener);

  /** Largest message on a data channel that a node takes, in bytes. */
  int DATA_MESSAGE_BYTES_MAX = 256 * 1024;

  /**
   * The far end as its offer describes it, reduced to what was negotiated.
   *
   * @param data what it said of data channels, or null without
   */
  record RemoteSession(
      String iceUfrag,
      String icePassword,
      String fingerprintAlgorithm,
      String fingerprint,
      boolean remoteIsDtlsClient,
      List<NegotiatedMedia> media,
      @Nullable NegotiatedData data) {}

  /**
   * Data channels over the session's transport.
   *
   * @param messageBytesMax largest message that the far end takes; 0 without a limit
   */
  record NegotiatedData(int messageBytesMax) {}

  /**
   * One accepted m-section.
   *
   * @param mid identification tag, or null where the offer has none
   * @param codecs accepted payload types, preferred first
   * @param extensions URI to identifier, accepted only
   * @param ssrcs from {@code a=ssrc}, in the offer's order; may be empty
   * @param rtxSsrcs primary SSRC to its RTX SSRC from {@code a=ssrc-group:FID}
   * @param rids simulcast send rids, lowest quality first as far as known (RFC 8853); empty without
   * @param fec repair packets that the publisher may send, or null
   */
  record NegotiatedMedia(
      int index,
      @Nullable String mid,
      Kind kind,
      List<NegotiatedCodec> codecs,
      Map<String, Integer> extensions,
      List<Long> ssrcs,
      Map<Long, Long> rtxSsrcs,
      List<String> rids,
      @Nullable NegotiatedFec fec) {}

  /**
   * Forward error correction of one stream (flexfec-03).
   *
   * @param ssrc of the repair packets
   */
  record NegotiatedFec(int payloadType, long ssrc) {}

  /** AUDIO or VIDEO. */
  enum Kind {
    AUDIO,
    VIDEO
  }

  /**
   * A payload type and what feedback both ends speak for it.
   *
   * @param rtxPayloadType its repetitions (RFC 4588); 0 for none
   * @param redPayloadType the same with older frames beside it (RFC 2198); 0 for none
   * @param transportCc the receiver reports arrivals by transport-wide numbers
   * @param ccfb the receiver reports arrivals by stream (RFC 8888); not both
   */
  record NegotiatedCodec(
      int payloadType,
      String name,
      int clockRateHz,
      int channels,
      String fmtp,
      int rtxPayloadType,
      int redPayloadType,
      boolean nack,
      boolean pli,
      boolean fir,
      boolean transportCc,
      boolean ccfb,
      boolean remb) {}

  /** Answer to {@code publish} and {@code subscribe}. */
  sealed interface Opening permits Opened, Refused {}

  /**
   * The session answers STUN.
   *
   * @param tracks m-section index to what this node sends there; empty for publications
   */
  record Opened(LocalIce ice, String fingerprintSha256, Map<Integer, LocalTrack> tracks)
      implements Opening {}

  /** Not opened, or not found. */
  record Refused(Reason reason, String sentence) implements Opening, Lookup {}

  /** Local ICE-lite parameters; candidates are host candidates, best first. */
  record LocalIce(String ufrag, String password, List<HostCandidate> candidates) {
    @Override
    public String toString() {
      return "LocalIce[" + ufrag + "]";
    }
  }

  /** An announced UDP address: a literal IPv4 or IPv6 address and a port. */
  record HostCandidate(String address, int port) {}

  /** An outgoing track: SSRC, RTX SSRC (0: none), and the names of RFC 8830. */
  record LocalTrack(long ssrc, long rtxSsrc, String cname, String streamId, String trackId) {}

  /** Answer to {@code find}. */
  sealed interface Lookup permits Found, Refused {}

  /** The stream is live here or on its way. */
  record Found(List<TrackDescription> tracks) implements Lookup {}

  /** A published track: its codec as in SDP, fmtp of the publisher included. */
  record TrackDescription(
      Kind kind, String codecName, int clockRateHz, int channels, String fmtp) {}

  /**
   * One encoding of a video track.
   *
   * @param encodingId the publisher's rid (RFC 8851), or its place where it has none
   * @param active packets of it arrive
   * @param width in pixels, 0 where unknown; {@code height} likewise
   * @param inside its spatial and temporal layers, lowest first; none where it has one of each
   */
  record VideoLayer(
      String encodingId, boolean active, int width, int height, List<InnerLayer> inside) {}

  /**
   * A picture that an encoding with layers inside contains (scalable coding).
   *
   * @param active packets of it arrive
   * @param width in pixels, 0 where unknown; {@code height} likewise
   */
  record InnerLayer(
      int spatialLayerId, int temporalLayerId, boolean active, int width, int height) {}

  /**
   * The most that a viewer wants. Layers that an encoding lacks mean its next lower ones.
   *
   * @param encodingId of {@link #layers}; null lets the node choose
   * @param spatialLayerId 0 is the lowest; {@code Integer.MAX_VALUE} lets the node choose; {@code
   *     temporalLayerId} likewise
   */
  record LayerWish(@Nullable String encodingId, int spatialLayerId, int temporalLayerId) {
    /** Whatever the node finds best. */
    public static final LayerWish ANY = new LayerWish(null, Integer.MAX_VALUE, Integer.MAX_VALUE);
  }

  /**
   * A stream's sound, comparable from stream to stream.
   *
   * @param levelDbov loudness, -127 (silence) to 0
   */
  record Sound(boolean speaking, int levelDbov) {}

  /** Answer to {@code choose}. */
  enum LayerChoice {
    CHOSEN,
    UNKNOWN_LAYER,
    NO_SESSION
  }

  /** Why a session is not opened. */
  enum Reason {
    UNKNOWN_STREAM,
    NOT_LIVE,
    NO_COMMON_CODEC,
    OVERLOADED,
    DRAINING
  }
}
