package live.banyan.signaling.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.LocalTrack;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import live.banyan.signaling.port.MediaPlane.NegotiatedData;
import live.banyan.signaling.port.MediaPlane.NegotiatedMedia;
import live.banyan.signaling.port.MediaPlane.TrackDescription;
import live.banyan.signaling.sdp.Negotiation.Agreed;
import live.banyan.signaling.sdp.Negotiation.Cause;
import live.banyan.signaling.sdp.Negotiation.Rejected;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

class NegotiatorTest {
  private static final List<String> PUBLISHERS = Fixtures.PUBLISHERS;
  private static final List<String> VIEWERS = Fixtures.VIEWERS;

  private static Agreed agreed(Negotiation negotiation) {
    return assertInstanceOf(Agreed.class, negotiation, negotiation::toString);
  }

  private static Rejected rejected(Negotiation negotiation) {
    return assertInstanceOf(Rejected.class, negotiation);
  }

  private static SessionDescription answer(Agreed agreed) {
    Map<Integer, LocalTrack> tracks = new HashMap<>();
    for (NegotiatedMedia media : agreed.remote().media()) {
      int base = 100 + media.index() * 10;
      tracks.put(media.index(), new LocalTrack(base, base + 1, "cname", "stream", "t" + base));
    }
    SessionDescription answer = AnswerWriter.answer(agreed, Fixtures.opened(tracks), 42);
    assertEquals(answer, Fixtures.parsed(SdpWriter.write(answer)));
    return answer;
  }

  /** What RFC 3264, 9143 and 8839 ask of any answer. */
  private static void assertAnswers(SessionDescription offer, SessionDescription answer) {
    assertEquals(offer.media().size(), answer.media().size());
    List<String> bundled =
        answer.attribute("group").map(group -> List.of(group.split(" "))).orElse(List.of());
    assertTrue(answer.attribute("ice-lite").isPresent());
    boolean first = true;
    for (int i = 0; i < offer.media().size(); i++) {
      MediaSection asked = offer.media().get(i);
      MediaSection answered = answer.media().get(i);
      assertEquals(asked.kind(), answered.kind());
      assertEquals(asked.protocol(), answered.protocol());
      assertEquals(asked.attribute("mid"), answered.attribute("mid"));
      assertTrue(asked.formats().containsAll(answered.formats()));
      if (answered.port() == 0) {
        assertFalse(answered.attribute("mid").map(bundled::contains).orElse(false));
        continue;
      }
      assertTrue(answered.attribute("mid").map(bundled::contains).orElse(bundled.isEmpty()));
      assertEquals(!asked.kind().equals("application"), answered.has("rtcp-mux"));
      assertEquals("abcd", answered.attribute("ice-ufrag").orElseThrow());
      assertEquals(
          "sha-256 " + Fixtures.FINGERPRINT, answered.attribute("fingerprint").orElseThrow());
      String setup = offer.attribute(asked, "setup").orElseThrow();
      assertEquals(
          setup.equals("passive") ? "active" : "passive",
          answered.attribute("setup").orElseThrow());
      assertEquals(first ? 2 : 0, answered.all("candidate").size());
      first = false;
    }
    assertFalse(first, "nothing was accepted");
  }

  @ParameterizedTest
  @FieldSource("PUBLISHERS")
  void everyPublisherIsAnswered(String name) {
    SessionDescription offer = Fixtures.offer(name);
    Agreed agreed = agreed(Negotiator.publish(offer));
    SessionDescription answer = answer(agreed);
    assertAnswers(offer, answer);
    long offered =
        offer.media().stream().filter(section -> !section.kind().equals("application")).count();
    assertEquals(offered, agreed.remote().media().size());
    for (NegotiatedMedia media : agreed.remote().media()) {
      MediaSection section = answer.media().get(media.index());
      assertTrue(section.has("recvonly"));
      assertTrue(section.all("ssrc").isEmpty());
      NegotiatedCodec best = media.codecs().getFirst();
      assertEquals(Integer.toString(best.payloadType()), section.formats().getFirst());
      if (!name.startsWith("ffmpeg")) {
        assertTrue(media.extensions().containsKey(RtpExtensions.TRANSPORT_SEQUENCE));
        assertTrue(best.transportCc());
        assertTrue(section.all("rtcp-fb").contains(best.payloadType() + " transport-cc"));
        assertFalse(section.all("rtcp-fb").contains(best.payloadType() + " goog-remb"));
      }
    }
  }

  @ParameterizedTest
  @FieldSource("VIEWERS")
  void everyViewerIsAnswered(String name) {
    SessionDescription offer = Fixtures.offer(name);
    Agreed agreed = agreed(Negotiator.watch(offer, List.of(Fixtures.OPUS, Fixtures.VP8)));
    SessionDescription answer = answer(agreed);
    assertAnswers(offer, answer);
    assertEquals(2, agreed.remote().media().size());
    for (NegotiatedMedia media : agreed.remote().media()) {
      MediaSection section = answer.media().get(media.index());
      assertTrue(section.has("sendonly"));
      int ssrc = 100 + media.index() * 10;
      assertEquals("stream t" + ssrc, section.attribute("msid").orElseThrow());
      assertEquals("FID " + ssrc + " " + (ssrc + 1), section.attribute("ssrc-group").orElseThrow());
      assertTrue(section.all("ssrc").contains(ssrc + " cname:cname"));
      boolean picture = media.kind() == Kind.VIDEO;
      boolean counted = picture && speaks(offer.media().get(media.index()), media, "transport-cc");
      assertEquals(counted, media.extensions().containsKey(RtpExtensions.TRANSPORT_SEQUENCE));
      assertEquals(counted, speaks(section, media, "transport-cc"));
      assertFalse(counted && speaks(section, media, "goog-remb"), "one estimate is enough");
    }
    NegotiatedMedia video = agreed.remote().media().get(1);
    assertEquals("VP8", video.codecs().getFirst().name());
    assertTrue(video.codecs().getFirst().rtxPayloadType() > 0);
    assertTrue(video.codecs().stream().anyMatch(codec -> codec.name().equals("AV1")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"chromium156", "firefox153"})
  void dataChannelsShareTheTransport(String browser) {
    SessionDescription offer = Fixtures.offer(browser + "_room_sendrecv_datachannel");
    Agreed agreed = agreed(Negotiator.publish(offer));
    int theirs = browser.equals("chromium156") ? 262_144 : 1_073_741_823;
    assertEquals(new NegotiatedData(theirs), agreed.remote().data());
    SessionDescription answer = answer(agreed);
    MediaSection section = answer.media().get(2);
    assertEquals(9, section.port());
    assertEquals(List.of("webrtc-datachannel"), section.formats());
    assertEquals("5000", section.attribute("sctp-port").orElseThrow());
    assertEquals("262144", section.attribute("max-message-size").orElseThrow());
    assertEquals("BUNDLE 0 1 2", answer.attribute("group").orElseThrow());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a=sctp-port:5001",
        "a=sctp-port:99999999999999999999",
        "a=sctpmap:5000 webrtc-datachannel 1024"
      })
  void dataChannelsOfAnotherPortAreDeclined(String line) {
    String text =
        Fixtures.text("chromium156_room_sendrecv_datachannel").replace("a=sctp-port:5000", line);
    Agreed agreed = agreed(Negotiator.publish(Fixtures.parsed(text)));
    assertNull(agreed.remote().data());
    assertEquals(0, answer(agreed).media().get(2).port());
    assertEquals("BUNDLE 0 1", answer(agreed).attribute("group").orElseThrow());
  }

  private static boolean speaks(MediaSection section, NegotiatedMedia media, String what) {
    return section.all("rtcp-fb").contains(media.codecs().getFirst().payloadType() + " " + what);
  }

  @Test
  void aViewerThatReportsNoArrivalsIsAskedForItsOwnEstimate() {
    String offer =
        Fixtures.text(VIEWERS.getFirst()).replaceAll("a=rtcp-fb:\\d+ transport-cc\r\n", "");
    SessionDescription parsed = Fixtures.parsed(offer);
    SessionDescription answer =
        answer(agreed(Negotiator.watch(parsed, List.of(Fixtures.OPUS, Fixtures.VP8))));
    MediaSection video = answer.media().get(1);
    assertFalse(String.join("", video.all("extmap")).contains("transport-wide-cc"));
    assertTrue(String.join("", video.all("rtcp-fb")).contains("goog-remb"));
  }

  @Test
  void dataChannelsOutsideOfBundleAreDeclined() {
    String text =
        Fixtures.text("chromium156_room_sendrecv_datachannel")
            .replace("a=group:BUNDLE 0 1 2", "a=group:BUNDLE 0 1");
    Agreed agreed = agreed(Negotiator.publish(Fixtures.parsed(text)));
    assertNull(agreed.remote().data());
    assertEquals(0, answer(agreed).media().get(2).port());
  }

  @Test
  void messagesOfUnsaidSizeEndAt64KiB() {
    String text =
        Fixtures.text("chromium156_room_sendrecv_datachannel")
            .replaceAll("a=max-message-size[^\r\n]*\r?\n", "");
    Agreed agreed = agreed(Negotiator.publish(Fixtures.parsed(text)));
    assertEquals(new NegotiatedData(65_536), agreed.remote().data());
  }

  @Test
  void secondVideoIsDeclined() {
    SessionDescription offer = Fixtures.offer("chromium156_whip_sendonly");
    MediaSection video = offer.media().get(1);
    List<Attribute> attributes =
        video.attributes().stream()
            .map(a -> a.name().equals("mid") ? Attribute.of("mid", "2") : a)
            .toList();
    MediaSection second =
        new MediaSection(
            "video", 9, video.protocol(), video.formats(), video.connection(), attributes);
    SessionDescription doubled =
        with(offer, "BUNDLE 0 1 2", List.of(offer.media().get(0), video, second));
    SessionDescription answer = answer(agreed(Negotiator.publish(doubled)));
    assertEquals(0, answer.media().get(2).port());
    assertEquals("BUNDLE 0 1", answer.attribute("group").orElseThrow());
  }

  @Test
  void bundleOnlySectionIsAccepted() {
    SessionDescription offer = Fixtures.offer("firefox153_whip_sendonly_maxbundle");
    assertEquals(0, offer.media().get(1).port());
    SessionDescription answer = answer(agreed(Negotiator.publish(offer)));
    assertEquals(9, answer.media().get(1).port());
  }

  @Test
  void ffmpegIsDtlsServerAndHasNoExtensions() {
    Agreed agreed = agreed(Negotiator.publish(Fixtures.offer("ffmpeg8.1.2_whip_h264")));
    assertFalse(agreed.remote().remoteIsDtlsClient());
    NegotiatedMedia video = agreed.remote().media().get(1);
    assertEquals("H264", video.codecs().getFirst().name());
    assertEquals(105, video.codecs().getFirst().rtxPayloadType());
    assertTrue(video.codecs().getFirst().nack());
    assertFalse(video.codecs().getFirst().pli());
    assertTrue(video.extensions().isEmpty());
    assertEquals(Map.of(2500853190L, 2500853191L), video.rtxSsrcs());
    assertEquals(List.of(2500853190L, 2500853191L), video.ssrcs());
    SessionDescription answer = answer(agreed);
    assertTrue(
        answer.media().getFirst().attribute("candidate").orElseThrow().contains("192.0.2.1"),
        "FFmpeg reads the first candidate only, and only IPv4");
  }

  @Test
  void midsAndBundleMayBeAbsent() {
    String text =
        Fixtures.text("ffmpeg8.1.2_whip_h264").replaceAll("a=(mid:|group:)[^\r\n]*\r?\n", "");
    SessionDescription offer = Fixtures.parsed(text);
    Agreed agreed = agreed(Negotiator.publish(offer));
    assertEquals(null, agreed.remote().media().getFirst().mid());
    SessionDescription answer = answer(agreed);
    assertTrue(answer.attribute("group").isEmpty());
    assertEquals(2, answer.media().get(1).all("candidate").size());
  }

  @Test
  void transportsOfTheirOwnAreRefused() {
    String text = Fixtures.text("ffmpeg8.1.2_whip_h264").replaceAll("a=group:[^\r\n]*\r?\n", "");
    int second = text.lastIndexOf("97fff965");
    String split = text.substring(0, second) + "88fff965" + text.substring(second + 8);
    Rejected rejected = rejected(Negotiator.publish(Fixtures.parsed(split)));
    assertEquals(Cause.UNSUPPORTED, rejected.cause());
    assertTrue(rejected.sentence().contains("BUNDLE"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"chromium156", "firefox153"})
  void simulcastComesLowestFirst(String browser) {
    String text =
        Fixtures.text(browser + "_whip_sendonly_simulcast3").replace("send q;h;f", "send f;h,q;q");
    Agreed agreed = agreed(Negotiator.publish(Fixtures.parsed(text)));
    assertEquals(List.of("q", "h", "f"), agreed.remote().media().get(1).rids());
    MediaSection video = answer(agreed).media().get(1);
    assertEquals(List.of("f recv", "h recv", "q recv"), video.all("rid"));
    assertEquals("recv f;h;q", video.attribute("simulcast").orElseThrow());
  }

  @Test
  void simulcastIsOrderedByItsRestrictions() {
    String text =
        Fixtures.text("chromium156_whip_sendonly_simulcast3")
            .replace("a=rid:q send", "a=rid:q send max-height=720")
            .replace("a=rid:h send", "a=rid:h send max-height=360")
            .replace("a=rid:f send", "a=rid:f send max-height=180");
    Agreed agreed = agreed(Negotiator.publish(Fixtures.parsed(text)));
    assertEquals(List.of("f", "h", "q"), agreed.remote().media().get(1).rids());
  }

  @Test
  void simulcastWithoutRidExtensionIsNotAnswered() {
    String text =
        Fixtures.text("chromium156_whip_sendonly_simulcast3")
            .replaceAll("a=extmap:10 [^\r\n]*\r?\n", "");
    Agreed agreed = agreed(Negotiator.publish(Fixtures.parsed(text)));
    assertEquals(List.of(), agreed.remote().media().get(1).rids());
    assertFalse(answer(agreed).media().get(1).has("simulcast"));
  }

  @Test
  void viewerWithoutThePublishedCodecIsTold() {
    TrackDescription h264 =
        new TrackDescription(
            Kind.VIDEO, "H264", 90_000, 1, "packetization-mode=1;profile-level-id=42e01f");
    Rejected rejected =
        rejected(
            Negotiator.watch(
                Fixtures.offer("firefox153_whep_recvonly"), List.of(Fixtures.OPUS, h264)));
    assertEquals(Cause.NO_COMMON_CODEC, rejected.cause());
    assertTrue(rejected.sentence().contains("H264") && rejected.sentence().contains("VP8"));
  }

  @Test
  void h264ViewerGetsTheMatchingProfileFirst() {
    TrackDescription main =
        new TrackDescription(
            Kind.VIDEO, "H264", 90_000, 1, "packetization-mode=1;profile-level-id=4d001f");
    Agreed agreed =
        agreed(Negotiator.watch(Fixtures.offer("chromium156_whep_recvonly"), List.of(main)));
    List<NegotiatedCodec> codecs = agreed.remote().media().getFirst().codecs();
    assertTrue(codecs.getFirst().fmtp().contains("profile-level-id=4d"));
    assertTrue(codecs.getFirst().fmtp().contains("packetization-mode=1"));
    assertTrue(codecs.stream().anyMatch(codec -> codec.name().equals("VP8")));
  }

  @Test
  void ffmpegsBaselineStreamPlaysWhereOnlyConstrainedBaselineIsOffered() {
    String text =
        Fixtures.text("chromium156_whep_recvonly")
            .replaceAll("=(42001f|4d001f|64001f|f4001f)", "=42e01f");
    TrackDescription baseline =
        new TrackDescription(
            Kind.VIDEO, "H264", 90_000, 1, "packetization-mode=1;profile-level-id=42001e");
    Agreed agreed = agreed(Negotiator.watch(Fixtures.parsed(text), List.of(baseline)));
    assertEquals("H264", agreed.remote().media().getFirst().codecs().getFirst().name());
  }

  @Test
  void highProfileStreamDoesNotPlayOnABaselineDecoder() {
    String text =
        Fixtures.text("chromium156_whep_recvonly")
            .replaceAll("=(42001f|4d001f|64001f|f4001f)", "=42e01f");
    TrackDescription high =
        new TrackDescription(
            Kind.VIDEO, "H264", 90_000, 1, "packetization-mode=1;profile-level-id=64001f");
    assertEquals(
        Cause.NO_COMMON_CODEC,
        rejected(Negotiator.watch(Fixtures.parsed(text), List.of(high))).cause());
  }

  @Test
  void sectionWithoutTrackStaysInTheBundleInactive() {
    SessionDescription offer = Fixtures.offer("chromium156_whep_recvonly");
    Agreed agreed = agreed(Negotiator.watch(offer, List.of(Fixtures.VP8)));
    SessionDescription answer = answer(agreed);
    assertAnswers(offer, answer);
    assertTrue(answer.media().getFirst().has("inactive"));
    assertTrue(answer.media().get(1).has("sendonly"));
    assertEquals(1, agreed.remote().media().size());
  }

  @Test
  void stereoOpusIsToldToTheViewer() {
    TrackDescription stereo = new TrackDescription(Kind.AUDIO, "opus", 48_000, 2, "sprop-stereo=1");
    Agreed agreed =
        agreed(
            Negotiator.watch(
                Fixtures.offer("chromium156_whep_recvonly"), List.of(stereo, Fixtures.VP8)));
    String fmtp = answer(agreed).media().getFirst().attribute("fmtp").orElseThrow();
    assertTrue(fmtp.contains("stereo=1") && fmtp.contains("sprop-stereo=1"), fmtp);
  }

  @Test
  void directionalExtensionsAreTurnedRound() {
    Agreed publisher =
        agreed(Negotiator.publish(Fixtures.offer("firefox153_whip_sendonly_simulcast3")));
    List<String> extmaps = answer(publisher).media().get(1).all("extmap");
    assertTrue(extmaps.contains("9/recvonly " + RtpExtensions.RID));
    assertFalse(String.join("", extmaps).contains("playout-delay"), "they only receive it");
    Agreed viewer =
        agreed(
            Negotiator.watch(
                Fixtures.offer("firefox153_whep_recvonly"), List.of(Fixtures.OPUS, Fixtures.VP8)));
    assertTrue(
        answer(viewer)
            .media()
            .get(1)
            .all("extmap")
            .contains("6/sendonly " + RtpExtensions.PLAYOUT_DELAY));
  }

  @Test
  void publisherPrefersFragmentingH264() {
    String text = Fixtures.text("chromium156_whip_sendonly");
    String turned =
        text.replace("packetization-mode=1", "packetization-mode=X")
            .replace("packetization-mode=0", "packetization-mode=1")
            .replace("packetization-mode=X", "packetization-mode=0");
    MediaSection video = Fixtures.parsed(turned).media().get(1);
    List<OfferedCodec> codecs = Codecs.publishable(OfferedCodec.read(video), Kind.VIDEO);
    OfferedCodec first =
        codecs.stream().filter(codec -> codec.is("H264")).findFirst().orElseThrow();
    assertTrue(first.fmtp().contains("packetization-mode=1"));
    assertEquals("VP8", codecs.getFirst().name());
  }

  @Test
  void publisherIsAnsweredWithOneCodecAndItsRtx() {
    Agreed agreed = agreed(Negotiator.publish(Fixtures.offer("chromium156_whip_sendonly")));
    assertEquals(1, agreed.remote().media().get(1).codecs().size());
    assertEquals(List.of("96", "97"), answer(agreed).media().get(1).formats());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ice-ufrag", "ice-pwd", "fingerprint"})
  void missingTransportLinesAreInvalid(String attribute) {
    String text =
        Fixtures.text("chromium156_whip_sendonly")
            .replaceAll("a=" + attribute + ":[^\r\n]*\r?\n", "");
    assertEquals(Cause.INVALID, rejected(Negotiator.publish(Fixtures.parsed(text))).cause());
  }

  @Test
  void rtcpMuxIsRequired() {
    String text = Fixtures.text("chromium156_whip_sendonly").replaceAll("a=rtcp-mux\r?\n", "");
    Rejected rejected = rejected(Negotiator.publish(Fixtures.parsed(text)));
    assertEquals(Cause.UNSUPPORTED, rejected.cause());
    assertTrue(rejected.sentence().contains("rtcp-mux"));
  }

  @Test
  void viewersOfferIsNoPublication() {
    Rejected rejected = rejected(Negotiator.publish(Fixtures.offer("chromium156_whep_recvonly")));
    assertEquals(Cause.UNSUPPORTED, rejected.cause());
  }

  @Test
  void repeatedMidIsInvalid() {
    String text = Fixtures.text("chromium156_whip_sendonly").replace("a=mid:1", "a=mid:0");
    assertEquals(Cause.INVALID, rejected(Negotiator.publish(Fixtures.parsed(text))).cause());
  }

  private static SessionDescription with(
      SessionDescription offer, String group, List<MediaSection> media) {
    List<Attribute> attributes =
        offer.attributes().stream()
            .map(a -> a.name().equals("group") ? Attribute.of("group", group) : a)
            .toList();
    return new SessionDescription(
        offer.origin(), offer.name(), offer.connection(), attributes, media);
  }
}
