package live.banyan.sfu.client;

import java.util.ArrayList;
import java.util.List;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.dtls.DtlsFingerprint;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.signaling.sdp.Attribute;
import live.banyan.signaling.sdp.MediaSection;
import live.banyan.signaling.sdp.SdpWriter;
import live.banyan.signaling.sdp.SessionDescription;
import org.jspecify.annotations.Nullable;

/**
 * Writes our offers: one bundle, audio first, no candidates, since the far end learns our address
 * from the first check (peer-reflexive, RFC 8445 §7.3.1.3).
 */
final class OfferWriter {
  private static final String PROTOCOL = "UDP/TLS/RTP/SAVPF";
  private static final String NO_ADDRESS = "IN IP4 0.0.0.0";
  private static final String CNAME = "banyan-client";

  private final IceCredentials ice;
  private final DtlsFingerprint fingerprint;
  private final boolean sends;

  private OfferWriter(IceCredentials ice, DtlsFingerprint fingerprint, boolean sends) {
    this.ice = ice;
    this.fingerprint = fingerprint;
    this.sends = sends;
  }

  /** SSRCs that a publisher sends with; RTX is 0 for audio. */
  record Sources(int ssrc, int rtxSsrc) {}

  /** A viewer's offer: Opus and every video codec. */
  static String watch(IceCredentials ice, DtlsFingerprint fingerprint, long sessionNumber) {
    OfferWriter writer = new OfferWriter(ice, fingerprint, false);
    return writer.write(
        sessionNumber,
        List.of(
            writer.section("0", List.of(CodecOffer.OPUS), null),
            writer.section("1", CodecOffer.WATCHABLE, null)));
  }

  /** A publisher's offer; either track may be missing. */
  static String publish(
      IceCredentials ice,
      DtlsFingerprint fingerprint,
      long sessionNumber,
      @Nullable Sources audio,
      @Nullable Codec videoCodec,
      @Nullable Sources video) {
    OfferWriter writer = new OfferWriter(ice, fingerprint, true);
    List<MediaSection> sections = new ArrayList<>();
    if (audio != null) {
      sections.add(writer.section("0", List.of(CodecOffer.OPUS), audio));
    }
    if (video != null && videoCodec != null) {
      sections.add(writer.section("1", List.of(CodecOffer.publishable(videoCodec)), video));
    }
    return writer.write(sessionNumber, sections);
  }

  private String write(long sessionNumber, List<MediaSection> sections) {
    StringBuilder bundle = new StringBuilder("BUNDLE");
    sections.forEach(section -> bundle.append(' ').append(section.attribute("mid").orElseThrow()));
    return SdpWriter.write(
        new SessionDescription(
            "- " + sessionNumber + " 1 IN IP4 127.0.0.1",
            "-",
            null,
            List.of(
                Attribute.of("group", bundle.toString()),
                Attribute.flag("extmap-allow-mixed"),
                Attribute.of("msid-semantic", " WMS *")),
            sections));
  }

  private MediaSection section(String mid, List<CodecOffer> codecs, @Nullable Sources sources) {
    boolean audio = codecs.getFirst().codec().audio();
    List<Attribute> attributes = new ArrayList<>();
    attributes.add(Attribute.of("mid", mid));
    attributes.add(Attribute.of("ice-ufrag", ice.ufrag()));
    attributes.add(Attribute.of("ice-pwd", ice.password()));
    attributes.add(Attribute.of("ice-options", "trickle"));
    attributes.add(
        Attribute.of("fingerprint", fingerprint.algorithm() + " " + fingerprint.value()));
    attributes.add(Attribute.of("setup", "actpass"));
    attributes.add(Attribute.flag(sends ? "sendonly" : "recvonly"));
    attributes.add(Attribute.flag("rtcp-mux"));
    attributes.add(Attribute.flag("rtcp-rsize"));
    extension(attributes, 1, ExtensionKind.MID);
    extension(attributes, 2, ExtensionKind.TRANSPORT_SEQUENCE);
    extension(attributes, 3, ExtensionKind.ABS_CAPTURE_TIME);
    if (!audio && !sends) {
      extension(attributes, 4, ExtensionKind.DEPENDENCY_DESCRIPTOR);
    }
    List<String> formats = new ArrayList<>();
    for (CodecOffer codec : codecs) {
      codec(attributes, formats, codec);
    }
    if (sources != null) {
      sources(attributes, sources, audio ? "audio" : "video");
    }
    return new MediaSection(
        audio ? "audio" : "video", 9, PROTOCOL, formats, NO_ADDRESS, attributes);
  }

  private static void extension(List<Attribute> attributes, int id, ExtensionKind kind) {
    attributes.add(Attribute.of("extmap", id + " " + kind.uri()));
  }

  private static void codec(List<Attribute> attributes, List<String> formats, CodecOffer offer) {
    Codec codec = offer.codec();
    String type = Integer.toString(offer.payloadType());
    formats.add(type);
    attributes.add(
        Attribute.of(
            "rtpmap",
            type
                + " "
                + codec.encodingName()
                + "/"
                + codec.clockRateHz()
                + (codec.audio() ? "/2" : "")));
    if (!offer.fmtp().isEmpty()) {
      attributes.add(Attribute.of("fmtp", type + " " + offer.fmtp()));
    }
    attributes.add(Attribute.of("rtcp-fb", type + " transport-cc"));
    if (codec.audio()) {
      return;
    }
    attributes.add(Attribute.of("rtcp-fb", type + " ccm fir"));
    attributes.add(Attribute.of("rtcp-fb", type + " nack"));
    attributes.add(Attribute.of("rtcp-fb", type + " nack pli"));
    String rtx = Integer.toString(offer.rtxPayloadType());
    formats.add(rtx);
    attributes.add(Attribute.of("rtpmap", rtx + " rtx/" + codec.clockRateHz()));
    attributes.add(Attribute.of("fmtp", rtx + " apt=" + type));
  }

  private static void sources(List<Attribute> attributes, Sources sources, String track) {
    attributes.add(Attribute.of("msid", CNAME + " " + track));
    String primary = Integer.toUnsignedString(sources.ssrc());
    if (sources.rtxSsrc() != 0) {
      String repair = Integer.toUnsignedString(sources.rtxSsrc());
      attributes.add(Attribute.of("ssrc-group", "FID " + primary + " " + repair));
      attributes.add(Attribute.of("ssrc", repair + " cname:" + CNAME));
    }
    attributes.add(Attribute.of("ssrc", primary + " cname:" + CNAME));
  }
}
