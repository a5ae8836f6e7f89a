package live.banyan.signaling.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.LocalTrack;
import live.banyan.signaling.port.MediaPlane.NegotiatedMedia;
import live.banyan.signaling.sdp.Negotiation.Agreed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AudioNegotiationTest {
  private static final String PUBLISHER = Fixtures.text("chromium156_whip_sendonly");
  private static final String VIEWER = Fixtures.text("chromium156_whep_recvonly");

  private record Outcome(NegotiatedMedia media, MediaSection answer) {}

  private static Outcome publish(String offer) {
    return outcome(Negotiator.publish(Fixtures.parsed(offer)));
  }

  private static Outcome watch(String offer) {
    return outcome(Negotiator.watch(Fixtures.parsed(offer), List.of(Fixtures.OPUS, Fixtures.VP8)));
  }

  private static Outcome outcome(Negotiation negotiation) {
    Agreed agreed = assertInstanceOf(Agreed.class, negotiation);
    Map<Integer, LocalTrack> tracks = new HashMap<>();
    agreed
        .remote()
        .media()
        .forEach(m -> tracks.put(m.index(), new LocalTrack(10 + m.index(), 0, "c", "s", "t")));
    SessionDescription answer = AnswerWriter.answer(agreed, Fixtures.opened(tracks), 1);
    NegotiatedMedia audio =
        agreed.remote().media().stream()
            .filter(m -> m.kind() == Kind.AUDIO)
            .findFirst()
            .orElseThrow();
    return new Outcome(audio, answer.media().get(audio.index()));
  }

  private static void assertRed(Outcome outcome) {
    assertEquals(63, outcome.media.codecs().getFirst().redPayloadType());
    assertTrue(outcome.answer.all("rtpmap").contains("63 red/48000/2"));
    assertTrue(outcome.answer.all("fmtp").contains("63 111/111"));
  }

  @Test
  void redundancyIsAnsweredBehindPlainOpusWhereTheOfferHasItSo() {
    assertRed(publish(PUBLISHER));
    assertEquals(List.of("111", "63"), publish(PUBLISHER).answer.formats());
    assertRed(watch(VIEWER));
    assertEquals(List.of("111", "63"), watch(VIEWER).answer.formats());
  }

  @Test
  void aPublisherThatPrefersRedundancyIsAskedForIt() {
    Outcome outcome = publish(PUBLISHER.replace("SAVPF 111 63 ", "SAVPF 63 111 "));
    assertRed(outcome);
    assertEquals(List.of("63", "111"), outcome.answer.formats());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"63 110/110", "63 111", "63 111/x", "63 111/110", "63 999/999", "63 ", "63 /"})
  void redundancyOfOtherCodecsThanOpusIsNotAnswered(String format) {
    Outcome outcome = publish(PUBLISHER.replace("a=fmtp:63 111/111", "a=fmtp:" + format));
    assertEquals(0, outcome.media.codecs().getFirst().redPayloadType());
    assertEquals(List.of("111"), outcome.answer.formats());
  }

  @Test
  void aBrowserWithoutRedundancyGetsPlainOpus() {
    Outcome outcome = watch(Fixtures.text("firefox153_whep_recvonly"));
    assertEquals(0, outcome.media.codecs().getFirst().redPayloadType());
    assertFalse(outcome.answer.all("rtpmap").stream().anyMatch(map -> map.contains("red/")));
  }

  @Test
  void discontinuousTransmissionIsKeptWhereItIsOfferedAndNotInvented() {
    String dtx = "a=fmtp:111 minptime=10;useinbandfec=1;usedtx=1";
    for (boolean publishes : List.of(true, false)) {
      String offer = publishes ? PUBLISHER : VIEWER;
      String with = offer.replace("a=fmtp:111 minptime=10;useinbandfec=1", dtx);
      assertTrue(fmtp(publishes, with).contains("usedtx=1"));
      assertFalse(fmtp(publishes, offer).contains("usedtx"));
    }
  }

  private static String fmtp(boolean publishes, String offer) {
    MediaSection answer = (publishes ? publish(offer) : watch(offer)).answer;
    return answer.all("fmtp").stream()
        .filter(value -> value.startsWith("111 "))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void levelsAreNegotiatedOnBothSides() {
    for (Outcome outcome : List.of(publish(PUBLISHER), watch(VIEWER))) {
      String id = String.valueOf(outcome.media.extensions().get(RtpExtensions.AUDIO_LEVEL));
      assertTrue(
          outcome.answer.all("extmap").stream()
              .anyMatch(line -> line.equals(id + " " + RtpExtensions.AUDIO_LEVEL)));
    }
  }
}
