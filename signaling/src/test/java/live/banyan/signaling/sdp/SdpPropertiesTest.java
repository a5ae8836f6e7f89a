package live.banyan.signaling.sdp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SdpPropertiesTest {
  @Provide
  Arbitrary<String> fixtures() {
    return Arbitraries.of(Fixtures.all());
  }

  @Provide
  Arbitrary<String> soup() {
    return Arbitraries.of(
            "v=0\r\n",
            "o=",
            "a=",
            "m=",
            "m=audio 9 UDP/TLS/RTP/SAVPF 0",
            "\r\n",
            "\n",
            ":",
            " ",
            "c=IN",
            "a=rtpmap:",
            "a=fmtp:",
            "a=candidate:",
            "a=ice-ufrag:abcd",
            "a=simulcast:send ",
            "a=rid:",
            "a=ssrc:",
            "99999999999",
            "-1",
            "/",
            ";",
            ",",
            "~",
            "\0",
            "\t",
            "é",
            "=",
            "=0")
        .list()
        .ofMaxSize(60)
        .map(parts -> String.join("", parts));
  }

  /** Lines and characters lost, doubled, swapped or changed, many at once. */
  private static String mutated(String text, long seed) {
    Random random = new Random(seed);
    StringBuilder out = new StringBuilder();
    List<String> lines = text.lines().toList();
    for (String line : lines) {
      int dice = random.nextInt(40);
      String kept = dice == 0 ? lines.get(random.nextInt(lines.size())) : line;
      if (dice == 1) {
        continue;
      }
      StringBuilder changed = new StringBuilder(kept);
      if (dice < 6 && changed.length() > 0) {
        int at = random.nextInt(changed.length());
        switch (random.nextInt(4)) {
          case 0 -> changed.deleteCharAt(at);
          case 1 -> changed.setCharAt(at, (char) random.nextInt(0x180));
          case 2 -> changed.insert(at, " :;/=,~*-\0\n".charAt(random.nextInt(11)));
          default -> changed.setLength(at);
        }
      }
      out.append(changed).append(dice == 7 ? "\n" : "\r\n");
      if (dice == 8) {
        out.append(kept).append("\r\n");
      }
    }
    return random.nextInt(10) == 0
        ? out.substring(0, random.nextInt(out.length() + 1))
        : out.toString();
  }

  @Property(tries = 3000)
  void brokenOffersGiveValues(@ForAll("fixtures") String name, @ForAll long seed) {
    negotiate(mutated(Fixtures.text(name), seed));
  }

  @Property(tries = 1000)
  void nonsenseGivesValues(@ForAll("soup") String text) {
    negotiate(text);
    negotiate("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\n" + text);
    assertNotNull(IceFragment.parse(text));
  }

  private static void negotiate(String text) {
    switch (SdpParser.parse(text)) {
      case SdpParser.Malformed malformed -> assertTrue(malformed.sentence().endsWith("."));
      case SdpParser.Parsed parsed -> {
        SessionDescription offer = parsed.description();
        assertEquals(offer, Fixtures.parsed(SdpWriter.write(offer)));
        answer(offer, Negotiator.publish(offer));
        answer(offer, Negotiator.watch(offer, List.of(Fixtures.OPUS, Fixtures.VP8)));
      }
    }
  }

  private static void answer(SessionDescription offer, Negotiation negotiation) {
    switch (negotiation) {
      case Negotiation.Rejected rejected -> assertTrue(rejected.sentence().endsWith("."));
      case Negotiation.Agreed agreed -> {
        SessionDescription answer = AnswerWriter.answer(agreed, Fixtures.opened(Map.of()), 7);
        assertEquals(offer.media().size(), answer.media().size());
        assertEquals(answer, Fixtures.parsed(SdpWriter.write(answer)));
        assertNotNull(agreed.tag());
      }
    }
  }

  @Property(tries = 500)
  void writingAndReadingGivesTheSame(@ForAll("descriptions") SessionDescription description) {
    assertEquals(description, Fixtures.parsed(SdpWriter.write(description)));
  }

  @Provide
  Arbitrary<SessionDescription> descriptions() {
    Arbitrary<String> token =
        Arbitraries.strings().withChars("abcXYZ019-_/.+").ofMinLength(1).ofMaxLength(12);
    Arbitrary<String> text = Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(40);
    Arbitrary<Attribute> attribute =
        net.jqwik.api.Combinators.combine(token, text.injectNull(0.3)).as(Attribute::new);
    Arbitrary<MediaSection> section =
        net.jqwik.api.Combinators.combine(
                token,
                Arbitraries.integers().between(0, 65_535),
                token,
                token.list().ofMinSize(1).ofMaxSize(5),
                token.injectNull(0.5),
                attribute.list().ofMaxSize(8))
            .as(MediaSection::new);
    return net.jqwik.api.Combinators.combine(
            token,
            attribute.list().ofMaxSize(5),
            token.injectNull(0.5),
            section.list().ofMaxSize(5))
        .as(
            (name, attributes, connection, media) ->
                new SessionDescription(
                    "- 1 2 IN IP4 0.0.0.0", name, connection, attributes, media));
  }

  @Example
  void boundsHold() {
    String head = "v=0\no=- 1 1 IN IP4 0.0.0.0\n";
    malformed("x".repeat(SdpParser.LENGTH_MAX + 1));
    malformed(head + "a=" + "x".repeat(SdpParser.LINE_MAX) + "\n");
    malformed(head + "m=audio 9 RTP/AVP 0\n".repeat(SdpParser.SECTIONS_MAX + 1));
    malformed(head + "m=audio 65536 RTP/AVP 0\n");
    malformed(head + "m=audio 9 RTP/AVP\n");
    malformed("o=- 1 1 IN IP4 0.0.0.0\n");
    malformed("v=0\n");
    malformed("");
    assertEquals(
        SdpParser.SECTIONS_MAX,
        Fixtures.parsed(head + "m=audio 9 RTP/AVP 0\n".repeat(SdpParser.SECTIONS_MAX))
            .media()
            .size());
  }

  private static void malformed(String text) {
    assertInstanceOf(SdpParser.Malformed.class, SdpParser.parse(text));
  }
}
