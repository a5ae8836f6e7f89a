package live.banyan.sfu.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import live.banyan.sfu.codec.Codec;
import live.banyan.sfu.dtls.DtlsIdentity;
import live.banyan.sfu.ice.IceCredentials;
import live.banyan.sfu.rtp.ExtensionKind;
import live.banyan.signaling.port.MediaPlane;
import live.banyan.signaling.sdp.AnswerWriter;
import live.banyan.signaling.sdp.Negotiation;
import live.banyan.signaling.sdp.Negotiator;
import live.banyan.signaling.sdp.SdpParser;
import live.banyan.signaling.sdp.SdpWriter;
import live.banyan.signaling.sdp.SessionDescription;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class RemoteAnswerTest {
  private static final IceCredentials ICE = IceCredentials.generate(new Random(3));
  private static final DtlsIdentity IDENTITY = DtlsIdentity.generate(new SecureRandom());

  private static final String WATCH_ANSWER =
      watchAnswer("H264", "profile-level-id=42e01f;packetization-mode=1");

  @Test
  void readsWhatOurSignallingAnswersAViewer() {
    RemoteAnswer answer = sound(WATCH_ANSWER);
    assertEquals("ufrag123", answer.credentials().ufrag());
    assertEquals(
        List.of("192.0.2.1", "2001:db8:0:0:0:0:0:1"),
        answer.candidates().stream().map(c -> c.address().getHostAddress()).toList());
    assertEquals(4000, answer.candidates().getFirst().port());
    assertTrue(answer.dtlsServer());
    assertEquals(IDENTITY.fingerprint(), answer.fingerprint());
    RemoteAnswer.Track video = answer.video();
    assertNotNull(video);
    assertEquals("1", video.mid());
    assertEquals(-2, video.ssrc(), "SSRCs above 2^31 are read");
    assertEquals(77, video.rtxSsrc());
    int payloadType = video.payloadType(Codec.H264);
    assertEquals(payloadType + 1, video.rtxPayloadType(payloadType));
    assertTrue(video.extensions().id(ExtensionKind.ABS_CAPTURE_TIME) > 0);
    assertNotNull(answer.audio());
    assertEquals(111, answer.audio().payloadType(Codec.OPUS));
    assertEquals(0, answer.audio().payloadType(Codec.VP8));
  }

  @Test
  void ourOffersHaveACodecForEveryStream() {
    for (String[] stream :
        new String[][] {
          {"VP8", ""},
          {"VP9", "profile-id=0"},
          {"VP9", "profile-id=2"},
          {"AV1", ""},
          {"H264", "profile-level-id=42001f;packetization-mode=1"},
          {"H264", "profile-level-id=4d0032;packetization-mode=1"},
          {"H264", "profile-level-id=640c1f;packetization-mode=1"}
        }) {
      assertNotNull(sound(watchAnswer(stream[0], stream[1])).video(), stream[0]);
    }
  }

  @Test
  void publishersOfEveryCodecAreUnderstood() {
    for (Codec codec : Codec.values()) {
      if (codec.audio()) {
        continue;
      }
      String offer =
          OfferWriter.publish(
              ICE,
              IDENTITY.fingerprint(),
              1,
              new OfferWriter.Sources(1, 0),
              codec,
              new OfferWriter.Sources(2, 3));
      Negotiation.Agreed agreed =
          assertInstanceOf(Negotiation.Agreed.class, Negotiator.publish(parse(offer)));
      MediaPlane.NegotiatedMedia video = agreed.remote().media().getLast();
      assertEquals(List.of(2L, 3L), video.ssrcs().stream().sorted().toList());
      assertTrue(video.codecs().getFirst().rtxPayloadType() > 0);
      assertTrue(video.codecs().getFirst().transportCc());
      assertTrue(agreed.remote().remoteIsDtlsClient());
    }
  }

  @Test
  void namesAndTcpAreNoCandidates() {
    String answer =
        WATCH_ANSWER.replaceAll(
            "a=candidate:[^\r]*\r\n",
            "a=candidate:1 1 udp 1 node.local 4000 typ host\r\n"
                + "a=candidate:2 1 tcp 1 192.0.2.9 9 typ host tcptype active\r\n"
                + "a=candidate:3 2 udp 1 192.0.2.9 4001 typ host\r\n");
    assertTrue(unsound(answer).contains("UDP address"));
  }

  @Test
  void activeAnswersMakeUsTheDtlsServer() {
    assertFalse(sound(WATCH_ANSWER.replace("a=setup:passive", "a=setup:active")).dtlsServer());
  }

  @Test
  void weakOrMissingCredentialsAreRefused() {
    assertTrue(unsound(WATCH_ANSWER.replace("sha-256", "md5")).contains("fingerprint"));
    assertTrue(unsound(WATCH_ANSWER.replace("a=ice-pwd", "a=x")).contains("ice-pwd"));
    String longer = WATCH_ANSWER.replace("ufrag123", "u".repeat(257));
    assertTrue(unsound(longer).contains("ice-ufrag"), "no check of ours would hold it");
    assertTrue(unsound("nonsense").contains("malformed"));
    String rejected =
        WATCH_ANSWER.replace("m=audio 9", "m=audio 0").replace("m=video 9", "m=video 0");
    assertTrue(unsound(rejected).contains("neither"));
    assertNull(sound(WATCH_ANSWER.replace("m=audio 9", "m=audio 0")).audio());
  }

  @Property(tries = 500)
  void changedAnswersAreReadOrRefused(
      @ForAll @IntRange(min = 0, max = 4_000) int at,
      @ForAll @IntRange(min = 0, max = 40) int length,
      @ForAll char with) {
    int from = at % WATCH_ANSWER.length();
    int to = Math.min(WATCH_ANSWER.length(), from + length);
    String changed = WATCH_ANSWER.substring(0, from) + with + WATCH_ANSWER.substring(to);
    switch (RemoteAnswer.read(changed)) {
      case RemoteAnswer.Sound sound -> assertFalse(sound.answer().candidates().isEmpty());
      case RemoteAnswer.Unsound unsound -> assertFalse(unsound.sentence().isEmpty());
    }
  }

  private static RemoteAnswer sound(String sdp) {
    if (RemoteAnswer.read(sdp) instanceof RemoteAnswer.Sound sound) {
      return sound.answer();
    }
    throw new AssertionError(RemoteAnswer.read(sdp).toString());
  }

  private static String unsound(String sdp) {
    return assertInstanceOf(RemoteAnswer.Unsound.class, RemoteAnswer.read(sdp)).sentence();
  }

  private static SessionDescription parse(String sdp) {
    return assertInstanceOf(SdpParser.Parsed.class, SdpParser.parse(sdp)).description();
  }

  private static String watchAnswer(String codec, String fmtp) {
    SessionDescription offer = parse(OfferWriter.watch(ICE, IDENTITY.fingerprint(), 7));
    Negotiation.Agreed agreed =
        assertInstanceOf(
            Negotiation.Agreed.class,
            Negotiator.watch(
                offer,
                Arrays.asList(
                    new MediaPlane.TrackDescription(MediaPlane.Kind.VIDEO, codec, 90_000, 1, fmtp),
                    new MediaPlane.TrackDescription(
                        MediaPlane.Kind.AUDIO, "opus", 48_000, 2, ""))));
    return SdpWriter.write(
        AnswerWriter.answer(
            agreed,
            new MediaPlane.Opened(
                new MediaPlane.LocalIce(
                    "ufrag123",
                    "passwordOf22Characters",
                    List.of(
                        new MediaPlane.HostCandidate("192.0.2.1", 4000),
                        new MediaPlane.HostCandidate("2001:db8::1", 4000))),
                IDENTITY.fingerprint().value(),
                Map.of(
                    0, new MediaPlane.LocalTrack(5, 0, "c", "s", "a"),
                    1, new MediaPlane.LocalTrack(0xffff_fffeL, 77, "c", "s", "v"))),
            1));
  }
}
