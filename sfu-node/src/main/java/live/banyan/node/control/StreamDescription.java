package live.banyan.node.control;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import live.banyan.sfu.codec.Codec;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.TrackDescription;

/**
 * What a stream consists of, in the words that nodes of a site tell each other. JSON, so that an
 * operator can read it in a directory dump.
 */
record StreamDescription(List<Track> tracks) {
  /** Tracks of one stream; more are refused at ingest. */
  static final int TRACKS_MAX = 8;

  /** Simulcast encodings of one track (RFC 8853 senders use at most three or four). */
  static final int LAYERS_MAX = 4;

  private static final int FMTP_CHARACTERS_MAX = 1_000;

  /** RFC 8851 §10, and no longer than anybody makes them. */
  private static final Pattern RID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One track.
   *
   * @param layers simulcast encodings, 1 without simulcast
   * @param refreshes its publisher makes keyframes when asked
   * @param rids names of the encodings, lowest first; none without simulcast
   */
  record Track(
      String codec, int channels, String fmtp, int layers, boolean refreshes, List<String> rids) {
    @SuppressWarnings("ConstantValue") // Jackson leaves missing fields null
    Track {
      rids = rids == null ? List.of() : List.copyOf(rids);
    }

    /** The encodings' names, lowest first; their places where they have none. */
    List<String> encodingIds() {
      return rids.isEmpty()
          ? IntStream.range(0, layers).mapToObj(Integer::toString).toList()
          : rids;
    }

    Codec parsedCodec() {
      return Codec.valueOf(codec);
    }

    Kind kind() {
      return parsedCodec().audio() ? Kind.AUDIO : Kind.VIDEO;
    }
  }

  static StreamDescription of(List<Track> tracks) {
    return new StreamDescription(List.copyOf(tracks));
  }

  /** Codec by the name that SDP uses, without case. */
  static Optional<Codec> codecNamed(String name) {
    for (Codec codec : Codec.values()) {
      if (codec.encodingName().toLowerCase(Locale.ROOT).equals(name.toLowerCase(Locale.ROOT))) {
        return Optional.of(codec);
      }
    }
    return Optional.empty();
  }

  String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of strings and numbers always serialise", e);
    }
  }

  /** Parses and checks what another node wrote; empty when it makes no sense. */
  static Optional<StreamDescription> parse(String json) {
    try {
      StreamDescription d = JSON.readValue(json, StreamDescription.class);
      return d.isSane() ? Optional.of(d) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  @SuppressWarnings("ConstantValue") // Jackson leaves missing fields null
  private boolean isSane() {
    if (tracks == null || tracks.isEmpty() || tracks.size() > TRACKS_MAX) {
      return false;
    }
    for (Track t : tracks) {
      if (t == null
          || t.codec == null
          || t.fmtp == null
          || t.fmtp.length() > FMTP_CHARACTERS_MAX
          || codecByEnumName(t.codec).isEmpty()
          || t.layers < 1
          || t.layers > LAYERS_MAX
          || !t.rids.isEmpty() && t.rids.size() != t.layers
          || !t.rids.stream().allMatch(StreamDescription::isRid)) {
        return false;
      }
    }
    return true;
  }

  private static boolean isRid(String rid) {
    return RID.matcher(rid).matches();
  }

  private static Optional<Codec> codecByEnumName(String name) {
    for (Codec codec : Codec.values()) {
      if (codec.name().equals(name)) {
        return Optional.of(codec);
      }
    }
    return Optional.empty();
  }

  List<TrackDescription> forSignaling() {
    return tracks.stream()
        .map(
            t ->
                new TrackDescription(
                    t.kind(),
                    t.parsedCodec().encodingName(),
                    t.parsedCodec().clockRateHz(),
                    t.channels,
                    t.fmtp))
        .toList();
  }

  /** Index of the first track of a kind, or -1. */
  int indexOf(Kind kind) {
    for (int i = 0; i < tracks.size(); i++) {
      if (tracks.get(i).kind() == kind) {
        return i;
      }
    }
    return -1;
  }
}
