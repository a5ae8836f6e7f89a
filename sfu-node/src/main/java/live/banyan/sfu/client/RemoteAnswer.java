package live.banyan.sfu.client;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.dtls.DtlsFingerprint;
import live.banyan.sfu.ice.IceController;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.sfu.rtp.ExtensionMap;
import live.banyan.signaling.sdp.IceCandidate;
import live.banyan.signaling.sdp.MediaSection;
import live.banyan.signaling.sdp.SdpParser;
import live.banyan.signaling.sdp.SessionDescription;
import org.jspecify.annotations.Nullable;

/**
 * What a node's answer says, as far as a client acts on it.
 *
 * @param dtlsServer the node waits for our ClientHello ({@code setup:passive})
 * @param audio null where the answer accepts no audio; {@code video} likewise
 */
record RemoteAnswer(
    IceCredentials credentials,
    List<Candidate> candidates,
    DtlsFingerprint fingerprint,
    boolean dtlsServer,
    @Nullable Track audio,
    @Nullable Track video) {

  /** A UDP address of the node. */
  record Candidate(InetAddress address, int port, long priority) {}

  /**
   * One accepted section.
   *
   * @param codecs payload type to codec
   * @param rtx payload type of RTX to the one it repairs
   * @param ssrc the node's, 0 where it is not told; {@code rtxSsrc} likewise
   */
  record Track(
      String mid,
      Map<Integer, Codec> codecs,
      Map<Integer, Integer> rtx,
      ExtensionMap extensions,
      int ssrc,
      int rtxSsrc) {

    /** RTX payload type for a primary one, or 0. */
    int rtxPayloadType(int payloadType) {
      for (Map.Entry<Integer, Integer> entry : rtx.entrySet()) {
        if (entry.getValue() == payloadType) {
          return entry.getKey();
        }
      }
      return 0;
    }

    /** The first payload type accepted for a codec, or 0. */
    int payloadType(Codec codec) {
      for (Map.Entry<Integer, Codec> entry : codecs.entrySet()) {
        if (entry.getValue() == codec) {
          return entry.getKey();
        }
      }
      return 0;
    }
  }

  /** What reading gave: the answer, or a sentence. */
  sealed interface Result {}

  /** Usable. */
  record Sound(RemoteAnswer answer) implements Result {}

  /** Not usable. */
  record Unsound(String sentence) implements Result {}

  static Result read(String sdp) {
    return switch (SdpParser.parse(sdp)) {
      case SdpParser.Malformed malformed ->
          new Unsound("the node's answer is malformed: " + malformed.sentence());
      case SdpParser.Parsed parsed -> read(parsed.description());
    };
  }

  private static Result read(SessionDescription description) {
    Track audio = null;
    Track video = null;
    MediaSection carrier = null;
    List<Candidate> candidates = new ArrayList<>();
    for (MediaSection section : description.media()) {
      candidates(section, candidates);
      if (section.port() == 0 || section.has("inactive")) {
        continue;
      }
      carrier = carrier == null ? section : carrier;
      if (section.kind().equals("audio") && audio == null) {
        audio = track(section);
      } else if (section.kind().equals("video") && video == null) {
        video = track(section);
      }
    }
    if (carrier == null) {
      return new Unsound("the node accepted neither audio nor video");
    }
    String ufrag = description.attribute(carrier, "ice-ufrag").orElse("");
    String password = description.attribute(carrier, "ice-pwd").orElse("");
    Optional<DtlsFingerprint> fingerprint =
        description.attribute(carrier, "fingerprint").flatMap(RemoteAnswer::fingerprint);
    if (!IceCredentials.areValid(ufrag, password) || fingerprint.isEmpty()) {
      return new Unsound("the node's answer lacks a usable ice-ufrag, ice-pwd or fingerprint");
    }
    if (candidates.isEmpty()) {
      return new Unsound("the node's answer names no UDP address");
    }
    boolean active = description.attribute(carrier, "setup").orElse("").equals("active");
    return new Sound(
        new RemoteAnswer(
            new IceCredentials(ufrag, password),
            List.copyOf(candidates),
            fingerprint.get(),
            !active,
            audio,
            video));
  }

  private static Optional<DtlsFingerprint> fingerprint(String value) {
    String[] words = value.strip().split(" +");
    return words.length == 2 ? DtlsFingerprint.of(words[0], words[1]) : Optional.empty();
  }

  private static void candidates(MediaSection section, List<Candidate> candidates) {
    for (String line : section.all("candidate")) {
      Optional<IceCandidate> parsed = IceCandidate.parse(line);
      if (parsed.isEmpty()
          || !parsed.get().transport().equalsIgnoreCase("udp")
          || parsed.get().component() != 1
          || parsed.get().port() == 0
          || candidates.size() == IceController.PAIRS_MAX) {
        continue;
      }
      try {
        InetAddress address = InetAddress.ofLiteral(parsed.get().address());
        candidates.add(new Candidate(address, parsed.get().port(), parsed.get().priority()));
      } catch (IllegalArgumentException e) {
        // A name: not looked up, since that would tell somebody else whom we talk to.
      }
    }
  }

  private static Track track(MediaSection section) {
    Map<Integer, Codec> codecs = new java.util.LinkedHashMap<>();
    List<Integer> repairs = new ArrayList<>();
    for (String map : section.all("rtpmap")) {
      int space = map.indexOf(' ');
      int slash = map.indexOf('/');
      int payloadType = space < 0 ? -1 : number(map.substring(0, space));
      if (payloadType < 0 || payloadType > 127 || slash < space) {
        continue;
      }
      String name = map.substring(space + 1, slash).strip().toLowerCase(Locale.ROOT);
      if (name.equals("rtx")) {
        repairs.add(payloadType);
      }
      for (Codec codec : Codec.values()) {
        if (codec.encodingName().toLowerCase(Locale.ROOT).equals(name)) {
          codecs.put(payloadType, codec);
        }
      }
    }
    int[] ssrcs = ssrcs(section);
    return new Track(
        section.attribute("mid").orElse(""),
        codecs,
        rtx(section, repairs),
        extensions(section),
        ssrcs[0],
        ssrcs[1]);
  }

  private static Map<Integer, Integer> rtx(MediaSection section, List<Integer> repairs) {
    Map<Integer, Integer> rtx = new HashMap<>();
    for (String fmtp : section.all("fmtp")) {
      int space = fmtp.indexOf(' ');
      int payloadType = space < 0 ? -1 : number(fmtp.substring(0, space));
      int apt = fmtp.indexOf("apt=");
      if (repairs.contains(payloadType) && apt > 0) {
        int end = fmtp.indexOf(';', apt);
        rtx.put(
            payloadType, number(fmtp.substring(apt + 4, end < 0 ? fmtp.length() : end).strip()));
      }
    }
    return rtx;
  }

  private static ExtensionMap extensions(MediaSection section) {
    Map<ExtensionKind, Integer> ids = new EnumMap<>(ExtensionKind.class);
    for (String value : section.all("extmap")) {
      String[] words = value.strip().split(" +");
      int slash = words[0].indexOf('/');
      int id = number(slash < 0 ? words[0] : words[0].substring(0, slash));
      for (ExtensionKind kind : ExtensionKind.values()) {
        if (words.length > 1 && kind.uri().equals(words[1]) && id > 0 && id < 256) {
          ids.put(kind, id);
        }
      }
    }
    return new ExtensionMap(ids);
  }

  /** The primary SSRC and its RTX. */
  private static int[] ssrcs(MediaSection section) {
    for (String group : section.all("ssrc-group")) {
      String[] words = group.strip().split(" +");
      if (words.length == 3 && words[0].equals("FID")) {
        return new int[] {ssrc(words[1]), ssrc(words[2])};
      }
    }
    String first = section.attribute("ssrc").orElse("0");
    int space = first.indexOf(' ');
    return new int[] {ssrc(space < 0 ? first : first.substring(0, space)), 0};
  }

  private static int ssrc(String text) {
    try {
      return Integer.parseUnsignedInt(text);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
