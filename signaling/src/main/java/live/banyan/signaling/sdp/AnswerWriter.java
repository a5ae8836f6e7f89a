package live.banyan.signaling.sdp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.port.MediaPlane.HostCandidate;
import live.banyan.signaling.port.MediaPlane.LocalIce;
import live.banyan.signaling.port.MediaPlane.LocalTrack;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import live.banyan.signaling.port.MediaPlane.Opened;
import live.banyan.signaling.sdp.AnswerSection.Accepted;
import live.banyan.signaling.sdp.AnswerSection.DataChannels;
import live.banyan.signaling.sdp.AnswerSection.Declined;
import live.banyan.signaling.sdp.Negotiation.Agreed;
import org.jspecify.annotations.Nullable;

/** Writes the answer to an agreed offer (RFC 9429 §5.3, RFC 9143 §7.3, RFC 8839). */
public final class AnswerWriter {
  /** JSEP's placeholder where ICE decides the address. */
  private static final String NO_ADDRESS = "IN IP4 0.0.0.0";

  private static final int DISCARD_PORT = 9;

  private final Agreed agreed;
  private final Opened opened;

  private AnswerWriter(Agreed agreed, Opened opened) {
    this.agreed = agreed;
    this.opened = opened;
  }

  /**
   * The answer.
   *
   * @param sessionNumber for {@code o=}, 0 or positive, different for each session
   */
  public static SessionDescription answer(Agreed agreed, Opened opened, long sessionNumber) {
    return new AnswerWriter(agreed, opened).write(sessionNumber);
  }

  private SessionDescription write(long sessionNumber) {
    List<Attribute> attributes = new ArrayList<>();
    List<String> bundled = new ArrayList<>();
    List<MediaSection> media = new ArrayList<>();
    boolean tagged = false;
    for (int i = 0; i < agreed.sections().size(); i++) {
      switch (agreed.sections().get(i)) {
        case Declined declined -> media.add(declined(declined.offered()));
        case DataChannels channels -> {
          media.add(channels(channels.offered(), !tagged));
          channels.offered().attribute("mid").ifPresent(bundled::add);
          tagged = true;
        }
        case Accepted accepted -> {
          media.add(accepted(accepted, opened.tracks().get(i), !tagged || !agreed.bundled()));
          accepted.offered().attribute("mid").ifPresent(bundled::add);
          tagged = true;
        }
      }
    }
    if (agreed.bundled()) {
      attributes.add(Attribute.of("group", "BUNDLE " + String.join(" ", bundled)));
    }
    attributes.add(Attribute.flag("ice-lite"));
    attributes.add(Attribute.of("ice-options", "trickle"));
    if (agreed.offer().attribute("extmap-allow-mixed").isPresent()) {
      attributes.add(Attribute.flag("extmap-allow-mixed"));
    }
    attributes.add(Attribute.of("msid-semantic", " WMS *"));
    return new SessionDescription(
        "- " + sessionNumber + " 1 IN IP4 127.0.0.1", "-", null, attributes, media);
  }

  private static MediaSection declined(MediaSection offered) {
    List<Attribute> attributes = new ArrayList<>();
    offered.attribute("mid").ifPresent(mid -> attributes.add(Attribute.of("mid", mid)));
    if (offered.kind().equals("audio") || offered.kind().equals("video")) {
      attributes.add(Attribute.flag("inactive"));
    }
    return new MediaSection(
        offered.kind(), 0, offered.protocol(), offered.formats(), NO_ADDRESS, attributes);
  }

  private MediaSection channels(MediaSection offered, boolean carriesCandidates) {
    List<Attribute> attributes = new ArrayList<>();
    offered.attribute("mid").ifPresent(mid -> attributes.add(Attribute.of("mid", mid)));
    transport(attributes);
    attributes.add(Attribute.of("sctp-port", Integer.toString(DataSection.SCTP_PORT)));
    attributes.add(
        Attribute.of("max-message-size", Integer.toString(MediaPlane.DATA_MESSAGE_BYTES_MAX)));
    if (carriesCandidates) {
      attributes.addAll(candidates(opened.ice().candidates()));
    }
    return new MediaSection(
        offered.kind(),
        DISCARD_PORT,
        offered.protocol(),
        List.of(DataSection.FORMAT),
        NO_ADDRESS,
        attributes);
  }

  private MediaSection accepted(
      Accepted section, @Nullable LocalTrack track, boolean carriesCandidates) {
    List<Attribute> attributes = new ArrayList<>();
    MediaSection offered = section.offered();
    offered.attribute("mid").ifPresent(mid -> attributes.add(Attribute.of("mid", mid)));
    transport(attributes);
    attributes.add(Attribute.flag(section.direction().text()));
    LocalTrack sent = section.direction() == Direction.SENDONLY ? track : null;
    if (sent != null) {
      attributes.add(Attribute.of("msid", sent.streamId() + " " + sent.trackId()));
    }
    attributes.add(Attribute.flag("rtcp-mux"));
    if (offered.has("rtcp-rsize")) {
      attributes.add(Attribute.flag("rtcp-rsize"));
    }
    section.extensions().forEach(extension -> attributes.add(extension.attribute()));
    List<String> formats = new ArrayList<>();
    for (NegotiatedCodec codec : section.codecs()) {
      formats.add(Integer.toString(codec.payloadType()));
      codec(attributes, codec, section.stereo());
      if (codec.redPayloadType() != 0) {
        red(attributes, formats, codec, offered.formats());
      }
    }
    feedback(attributes, section.codecs().getFirst().ccfb(), "* ack ccfb");
    for (NegotiatedCodec codec : section.codecs()) {
      if (codec.rtxPayloadType() != 0) {
        formats.add(Integer.toString(codec.rtxPayloadType()));
        rtx(attributes, codec);
      }
    }
    if (section.fec() != null) {
      fec(attributes, formats, section.fec(), section.codecs().getFirst().transportCc());
    }
    simulcast(attributes, section.rids());
    if (sent != null) {
      sources(attributes, sent);
    }
    if (carriesCandidates) {
      attributes.addAll(candidates(opened.ice().candidates()));
    }
    return new MediaSection(
        offered.kind(), DISCARD_PORT, offered.protocol(), formats, NO_ADDRESS, attributes);
  }

  private void transport(List<Attribute> attributes) {
    LocalIce ice = opened.ice();
    attributes.add(Attribute.of("ice-ufrag", ice.ufrag()));
    attributes.add(Attribute.of("ice-pwd", ice.password()));
    attributes.add(Attribute.of("fingerprint", "sha-256 " + opened.fingerprintSha256()));
    attributes.add(
        Attribute.of("setup", agreed.remote().remoteIsDtlsClient() ? "passive" : "active"));
  }

  private void codec(List<Attribute> attributes, NegotiatedCodec codec, boolean stereo) {
    String type = codec.payloadType() + " ";
    String channels = codec.channels() == 1 ? "" : "/" + codec.channels();
    attributes.add(
        Attribute.of("rtpmap", type + codec.name() + "/" + codec.clockRateHz() + channels));
    String fmtp = Codecs.answerFmtp(codec, agreed.towardsViewer(), stereo);
    if (!fmtp.isEmpty()) {
      attributes.add(Attribute.of("fmtp", type + fmtp));
    }
    feedback(attributes, codec.nack(), type + "nack");
    feedback(attributes, codec.pli(), type + "nack pli");
    feedback(attributes, codec.fir(), type + "ccm fir");
    feedback(attributes, codec.transportCc(), type + "transport-cc");
    feedback(attributes, codec.remb(), type + "goog-remb");
  }

  private static void feedback(List<Attribute> attributes, boolean agreed, String value) {
    if (agreed) {
      attributes.add(Attribute.of("rtcp-fb", value));
    }
  }

  /** Redundant audio stands before the plain one where the offer has it so: then it is sent. */
  private static void red(
      List<Attribute> attributes,
      List<String> formats,
      NegotiatedCodec codec,
      List<String> offered) {
    String plain = Integer.toString(codec.payloadType());
    String red = Integer.toString(codec.redPayloadType());
    boolean preferred = offered.indexOf(red) < offered.indexOf(plain);
    formats.add(preferred ? formats.indexOf(plain) : formats.size(), red);
    String map = red + " red/" + codec.clockRateHz() + "/" + codec.channels();
    attributes.add(Attribute.of("rtpmap", map));
    attributes.add(Attribute.of("fmtp", red + " " + plain + "/" + plain));
  }

  private static void rtx(List<Attribute> attributes, NegotiatedCodec codec) {
    attributes.add(Attribute.of("rtpmap", codec.rtxPayloadType() + " rtx/" + codec.clockRateHz()));
    attributes.add(Attribute.of("fmtp", codec.rtxPayloadType() + " apt=" + codec.payloadType()));
  }

  private static void fec(
      List<Attribute> attributes, List<String> formats, OfferedCodec fec, boolean transportCc) {
    String type = Integer.toString(fec.payloadType());
    formats.add(type);
    attributes.add(Attribute.of("rtpmap", type + " flexfec-03/" + fec.clockRateHz()));
    if (!fec.fmtp().isEmpty()) {
      attributes.add(Attribute.of("fmtp", type + " " + fec.fmtp()));
    }
    feedback(attributes, transportCc && fec.speaks("transport-cc"), type + " transport-cc");
  }

  private static void simulcast(List<Attribute> attributes, List<String> rids) {
    if (!rids.isEmpty()) {
      rids.forEach(rid -> attributes.add(Attribute.of("rid", rid + " recv")));
      attributes.add(Attribute.of("simulcast", "recv " + String.join(";", rids)));
    }
  }

  private static void sources(List<Attribute> attributes, LocalTrack track) {
    String msid = " msid:" + track.streamId() + " " + track.trackId();
    if (track.rtxSsrc() != 0) {
      attributes.add(Attribute.of("ssrc-group", "FID " + track.ssrc() + " " + track.rtxSsrc()));
    }
    source(attributes, track.ssrc(), track.cname(), msid);
    if (track.rtxSsrc() != 0) {
      source(attributes, track.rtxSsrc(), track.cname(), msid);
    }
  }

  private static void source(List<Attribute> attributes, long ssrc, String cname, String msid) {
    attributes.add(Attribute.of("ssrc", ssrc + " cname:" + cname));
    attributes.add(Attribute.of("ssrc", ssrc + msid));
  }

  /**
   * Candidate lines and the end mark. IPv4 lines come first whatever their priority: FFmpeg's WHIP
   * muxer takes the first line and cannot read IPv6.
   */
  static List<Attribute> candidates(List<HostCandidate> candidates) {
    List<Attribute> narrow = new ArrayList<>();
    List<Attribute> wide = new ArrayList<>();
    for (int rank = 0; rank < candidates.size(); rank++) {
      HostCandidate candidate = candidates.get(rank);
      boolean ipv6 = candidate.address().indexOf(':') >= 0;
      IceCandidate line = IceCandidate.host(rank, candidate.address(), candidate.port());
      (ipv6 ? wide : narrow).add(Attribute.of("candidate", line.text()));
    }
    narrow.addAll(wide);
    narrow.add(Attribute.flag("end-of-candidates"));
    return narrow;
  }

  /** The body of the answer to an ICE restart (RFC 9725 §4.3.3, RFC 8840 §9). */
  public static String restartFragment(LocalIce ice, String kind, Optional<String> mid) {
    StringBuilder out = new StringBuilder();
    SdpWriter.attributes(
        out,
        List.of(
            Attribute.flag("ice-lite"),
            Attribute.of("ice-options", "trickle"),
            Attribute.of("ice-ufrag", ice.ufrag()),
            Attribute.of("ice-pwd", ice.password())));
    SdpWriter.line(out, 'm', kind + " " + DISCARD_PORT + " UDP/TLS/RTP/SAVPF 0");
    mid.ifPresent(value -> SdpWriter.attributes(out, List.of(Attribute.of("mid", value))));
    SdpWriter.attributes(out, candidates(ice.candidates()));
    return out.toString();
  }
}
