package live.banyan.signaling.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import live.banyan.signaling.port.MediaPlane.LocalTrack;
import live.banyan.signaling.port.MediaPlane.NegotiatedCodec;
import live.banyan.signaling.sdp.Negotiation.Agreed;
import org.junit.jupiter.api.Test;

/** Offers that have feedback by stream (RFC 8888 §6), alone or beside transport-wide feedback. */
class StreamFeedbackNegotiationTest {
  private static final String LINE = "a=rtcp-fb:* ack ccfb";
  private static final String VIEWER = with(Fixtures.text("chromium156_whep_recvonly"));
  private static final String ONLY =
      VIEWER
          .replaceAll("a=rtcp-fb:\\d+ transport-cc\r\n", "")
          .replaceAll("a=extmap:[^\r\n]*transport-wide-cc[^\r\n]*\r\n", "");

  private static String with(String offer) {
    return offer.replace("a=rtcp-mux\r\n", "a=rtcp-mux\r\n" + LINE + "\r\n");
  }

  private static Agreed agreed(Negotiation negotiation) {
    return assertInstanceOf(Agreed.class, negotiation);
  }

  private static Agreed watch(String offer) {
    return agreed(Negotiator.watch(Fixtures.parsed(offer), List.of(Fixtures.OPUS, Fixtures.VP8)));
  }

  private static List<MediaSection> answer(Agreed agreed) {
    Map<Integer, LocalTrack> tracks = new HashMap<>();
    agreed
        .remote()
        .media()
        .forEach(m -> tracks.put(m.index(), new LocalTrack(m.index() + 1, 0, "c", "s", "t")));
    return AnswerWriter.answer(agreed, Fixtures.opened(tracks), 1).media();
  }

  private static boolean byStream(MediaSection section) {
    return section.all("rtcp-fb").contains("* ack ccfb");
  }

  @Test
  void isAgreedInAllSectionsWhereThereIsNothingElse() {
    Agreed agreed = watch(ONLY);
    agreed
        .remote()
        .media()
        .forEach(m -> assertTrue(m.codecs().stream().allMatch(NegotiatedCodec::ccfb), m::toString));
    for (MediaSection section : answer(agreed)) {
      assertTrue(byStream(section), section::toString);
      assertEquals(1, section.all("rtcp-fb").stream().filter("* ack ccfb"::equals).count());
      assertFalse(section.all("rtcp-fb").toString().contains("goog-remb"), "one is enough");
    }
  }

  @Test
  void givesWayToTransportWideFeedback() {
    Agreed agreed = watch(VIEWER);
    for (MediaSection section : answer(agreed)) {
      assertFalse(byStream(section), section::toString);
    }
    assertTrue(agreed.remote().media().get(1).codecs().getFirst().transportCc());
  }

  @Test
  void wantsRepetitionsInAStreamOfTheirOwn() {
    String offer = ONLY.replaceAll("a=(rtpmap:\\d+ rtx|fmtp:\\d+ apt=)[^\r\n]*\r\n", "");
    Agreed agreed = watch(offer);
    assertFalse(byStream(answer(agreed).get(1)));
    assertTrue(agreed.remote().media().get(1).codecs().getFirst().remb());
  }

  @Test
  void isNotPromisedToPublishers() {
    String offer =
        with(Fixtures.text("chromium156_whip_sendonly"))
            .replaceAll("a=rtcp-fb:\\d+ transport-cc\r\n", "");
    answer(agreed(Negotiator.publish(Fixtures.parsed(offer))))
        .forEach(section -> assertFalse(byStream(section), section::toString));
  }
}
