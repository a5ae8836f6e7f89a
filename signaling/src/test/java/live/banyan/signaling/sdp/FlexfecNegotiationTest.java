package live.banyan.signaling.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.NegotiatedFec;
import live.banyan.signaling.port.MediaPlane.NegotiatedMedia;
import live.banyan.signaling.sdp.Negotiation.Agreed;
import org.junit.jupiter.api.Test;

/** Offers as Chromium makes them with its field trials for flexfec-03. */
class FlexfecNegotiationTest {
  private static final String PLAIN = Fixtures.text("chromium156_whip_sendonly");
  private static final String LINES =
      """
      a=rtpmap:49 flexfec-03/90000\r
      a=rtcp-fb:49 goog-remb\r
      a=rtcp-fb:49 transport-cc\r
      a=fmtp:49 repair-window=10000000\r
      a=ssrc-group:FEC-FR 3651654914 77001\r
      a=ssrc:77001 cname:jhnecdmqz0X4rMY2\r
      """;

  private static String offer() {
    return PLAIN
        .replace(" 118 119 120\r\n", " 118 119 120 49\r\n")
        .replace("a=ssrc-group:FID 3651654914", LINES + "a=ssrc-group:FID 3651654914");
  }

  private static Agreed agreed(String offer) {
    return assertInstanceOf(Agreed.class, Negotiator.publish(Fixtures.parsed(offer)));
  }

  private static NegotiatedMedia video(Agreed agreed) {
    return agreed.remote().media().stream()
        .filter(media -> media.kind() == Kind.VIDEO)
        .findFirst()
        .orElseThrow();
  }

  private static MediaSection answer(Agreed agreed) {
    return AnswerWriter.answer(agreed, Fixtures.opened(Map.of()), 1)
        .media()
        .get(video(agreed).index());
  }

  @Test
  void aPublishersRepairPacketsAreAnswered() {
    Agreed agreed = agreed(offer());
    assertEquals(new NegotiatedFec(49, 77_001), video(agreed).fec());
    MediaSection answer = answer(agreed);
    assertEquals("49", answer.formats().getLast());
    assertTrue(answer.all("rtpmap").contains("49 flexfec-03/90000"));
    assertTrue(answer.all("fmtp").contains("49 repair-window=10000000"));
    assertTrue(answer.all("rtcp-fb").contains("49 transport-cc"));
    assertFalse(answer.all("rtcp-fb").contains("49 goog-remb"));
  }

  @Test
  void withoutTheNameOfTheirSourceTheyAreNot() {
    Agreed agreed = agreed(offer().replace("a=ssrc-group:FEC-FR 3651654914 77001\r\n", ""));
    assertNull(video(agreed).fec());
    assertFalse(answer(agreed).formats().contains("49"));
    assertNull(video(agreed(PLAIN)).fec());
  }
}
