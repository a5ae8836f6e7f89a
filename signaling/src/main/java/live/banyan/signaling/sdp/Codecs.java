package live.banyan.signaling.sdp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import live.banyan.signaling.port.MediaPlane.TrackDescription;
import org.jspecify.annotations.Nullable;

/** Which of the offered codecs both ends speak, and in which order they stand in the answer. */
final class Codecs {
  private static final int VIDEO_RATE_HZ = 90_000;
  private static final int OPUS_RATE_HZ = 48_000;

  private Codecs() {}

  /**
   * What a publisher may send, in its own order of preference; of its H.264 entries those with
   * packetization-mode 1 first, since without it a frame's slices have to fit a packet.
   */
  static List<OfferedCodec> publishable(List<OfferedCodec> offered, Kind kind) {
    List<OfferedCodec> common = new ArrayList<>();
    int firstH264 = -1;
    int fragmenting = 0;
    for (OfferedCodec codec : offered) {
      if (!supported(codec, kind)) {
        continue;
      }
      if (codec.is("H264")) {
        firstH264 = firstH264 < 0 ? common.size() : firstH264;
        if (fragments(codec.parameters())) {
          common.add(firstH264 + fragmenting++, codec);
          continue;
        }
      }
      common.add(codec);
    }
    return common;
  }

  /**
   * What a viewer can be sent: entries that play the track first, best match leading, then every
   * other codec that both speak, since the publisher may come back with one of them. Empty when
   * none plays the track.
   */
  static List<OfferedCodec> watchable(
      List<OfferedCodec> offered, Kind kind, TrackDescription track) {
    List<OfferedCodec> exact = new ArrayList<>();
    List<OfferedCodec> compatible = new ArrayList<>();
    List<OfferedCodec> others = new ArrayList<>();
    Map<String, String> stream = Fmtp.parse(track.fmtp());
    for (OfferedCodec codec : offered) {
      if (!supported(codec, kind)) {
        continue;
      }
      if (!plays(codec, track, stream)) {
        others.add(codec);
      } else if (sameVariant(codec, stream)) {
        exact.add(codec);
      } else {
        compatible.add(codec);
      }
    }
    exact.addAll(compatible);
    if (exact.isEmpty()) {
      return List.of();
    }
    exact.addAll(others);
    return exact;
  }

  /** Codecs that this program knows how to forward. */
  static boolean supported(OfferedCodec codec, Kind kind) {
    return switch (kind) {
      case AUDIO ->
          codec.is("opus") && codec.clockRateHz() == OPUS_RATE_HZ && codec.channels() == 2;
      case VIDEO ->
          codec.clockRateHz() == VIDEO_RATE_HZ
              && (codec.is("VP8")
                  || codec.is("AV1")
                  || codec.is("VP9") && vp9ProfileKnown(codec.parameters())
                  || codec.is("H264") && packetizationKnown(codec.parameters()));
    };
  }

  private static boolean plays(
      OfferedCodec codec, TrackDescription track, Map<String, String> stream) {
    if (!codec.is(track.codecName()) || codec.clockRateHz() != track.clockRateHz()) {
      return false;
    }
    if (codec.is("H264")) {
      return H264Profile.of(codec.parameters()).decodes(H264Profile.of(stream))
          && (fragments(codec.parameters()) || !fragments(stream));
    }
    if (codec.is("VP9")) {
      return vp9Profile(codec.parameters()).equals(vp9Profile(stream));
    }
    return !codec.is("AV1") || av1Profile(codec.parameters()).equals(av1Profile(stream));
  }

  private static boolean sameVariant(OfferedCodec codec, Map<String, String> stream) {
    return !codec.is("H264")
        || H264Profile.of(codec.parameters()) == H264Profile.of(stream)
            && fragments(codec.parameters()) == fragments(stream);
  }

  /** RFC 6184 §8.1: packetization-mode 1; absent means 0. */
  private static boolean fragments(Map<String, String> h264) {
    return "1".equals(h264.get("packetization-mode"));
  }

  private static boolean packetizationKnown(Map<String, String> h264) {
    String mode = h264.getOrDefault("packetization-mode", "0");
    return mode.equals("0") || mode.equals("1");
  }

  private static boolean vp9ProfileKnown(Map<String, String> vp9) {
    String profile = vp9Profile(vp9);
    return profile.equals("0") || profile.equals("2");
  }

  /** RFC 9628 §6: absent means 0. */
  private static String vp9Profile(Map<String, String> vp9) {
    return vp9.getOrDefault("profile-id", "0");
  }

  private static String av1Profile(Map<String, String> av1) {
    return av1.getOrDefault("profile", "0");
  }

  /**
   * Puts each codec together with its RTX and the feedback that both ends speak.
   *
   * @param transportCc packets carry transport-wide numbers
   * @param ccfb a receiver that knows no such numbers may report arrivals by stream
   */
  static List<NegotiatedCodec> agree(
      List<OfferedCodec> common, List<OfferedCodec> offered, boolean transportCc, boolean ccfb) {
    List<NegotiatedCodec> agreed = new ArrayList<>();
    boolean byStream = ccfb && !transportCc && reportStreams(common, offered);
    for (OfferedCodec codec : common) {
      boolean counted = transportCc && codec.speaks("transport-cc");
      agreed.add(
          new NegotiatedCodec(
              codec.payloadType(),
              codec.name(),
              codec.clockRateHz(),
              codec.channels(),
              codec.fmtp(),
              rtxOf(codec, offered),
              redOf(codec, offered),
              codec.speaks("nack"),
              codec.speaks("nack pli"),
              codec.speaks("ccm fir"),
              counted,
              byStream,
              !counted && !byStream && codec.speaks("goog-remb")));
    }
    return agreed;
  }

  /**
   * Whether a viewer that is sent the first of these codecs can report arrivals: transport-wide
   * numbers are written only where repetitions go by RTX.
   */
  static boolean reportArrivals(List<OfferedCodec> common, List<OfferedCodec> offered) {
    OfferedCodec first = common.getFirst();
    return first.speaks("transport-cc") && rtxOf(first, offered) != 0;
  }

  /**
   * Whether a viewer can report arrivals by stream (RFC 8888 §6), and by nothing better: where it
   * knows transport-wide numbers too, those are finer in time. The terms have to be the same in all
   * sections of a bundle, so those of sound follow their own offer alone.
   */
  private static boolean reportStreams(List<OfferedCodec> common, List<OfferedCodec> offered) {
    OfferedCodec first = common.getFirst();
    boolean repeats = first.is("opus") || rtxOf(first, offered) != 0;
    return repeats
        && first.speaks("ack ccfb")
        && offered.stream().noneMatch(codec -> codec.speaks("transport-cc"));
  }

  /** Repair packets of a publisher's only encoding, where it names their SSRC; else null. */
  static @Nullable OfferedCodec fec(List<OfferedCodec> offered, Ssrcs ssrcs) {
    for (OfferedCodec codec : offered) {
      if (codec.is("flexfec-03")
          && codec.clockRateHz() == VIDEO_RATE_HZ
          && ssrcs.fec().size() == 1) {
        return codec;
      }
    }
    return null;
  }

  private static int redOf(OfferedCodec codec, List<OfferedCodec> offered) {
    for (OfferedCodec other : offered) {
      if (other.wraps(codec)) {
        return other.payloadType();
      }
    }
    return 0;
  }

  private static int rtxOf(OfferedCodec codec, List<OfferedCodec> offered) {
    for (OfferedCodec other : offered) {
      if (other.repairs() == codec.payloadType() && other.clockRateHz() == codec.clockRateHz()) {
        return other.payloadType();
      }
    }
    return 0;
  }

  /**
   * The format parameters of our answer. An answer's parameters say what we want to receive, so
   * limits of the other end (VP8's max-fs) are not echoed, and what identifies a variant is.
   *
   * @param stereo whether stereo Opus is wanted or sent
   */
  static String answerFmtp(NegotiatedCodec codec, boolean towardsViewer, boolean stereo) {
    Map<String, String> offered = Fmtp.parse(codec.fmtp());
    Map<String, String> answered = new LinkedHashMap<>();
    switch (codec.name().toLowerCase(java.util.Locale.ROOT)) {
      case "opus" -> {
        keep(offered, answered, List.of("minptime", "useinbandfec", "usedtx"));
        if (stereo) {
          answered.put("stereo", "1");
          if (towardsViewer) {
            answered.put("sprop-stereo", "1");
          }
        }
      }
      case "h264" ->
          keep(
              offered,
              answered,
              List.of("level-asymmetry-allowed", "packetization-mode", "profile-level-id"));
      case "vp9" -> keep(offered, answered, List.of("profile-id"));
      case "av1" -> keep(offered, answered, List.of("level-idx", "profile", "tier"));
      default -> {}
    }
    return Fmtp.write(answered);
  }

  /** RFC 7587 §6.1: the sender's sprop-stereo or a wish for stereo. */
  static boolean stereo(String opusFmtp) {
    Map<String, String> parameters = Fmtp.parse(opusFmtp);
    return "1".equals(parameters.get("stereo")) || "1".equals(parameters.get("sprop-stereo"));
  }

  private static void keep(Map<String, String> from, Map<String, String> to, List<String> keys) {
    for (String key : keys) {
      String value = from.get(key);
      if (value != null) {
        to.put(key, value);
      }
    }
  }
}
