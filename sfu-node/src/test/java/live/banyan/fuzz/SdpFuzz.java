package live.banyan.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import live.banyan.signaling.port.MediaPlane.HostCandidate;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.LocalIce;
import live.banyan.signaling.port.MediaPlane.LocalTrack;
import live.banyan.signaling.port.MediaPlane.NegotiatedMedia;
import live.banyan.signaling.port.MediaPlane.Opened;
import live.banyan.signaling.port.MediaPlane.TrackDescription;
import live.banyan.signaling.sdp.AnswerWriter;
import live.banyan.signaling.sdp.Negotiation;
import live.banyan.signaling.sdp.Negotiator;
import live.banyan.signaling.sdp.SdpParser;
import live.banyan.signaling.sdp.SdpWriter;
import live.banyan.signaling.sdp.SessionDescription;

/** An offer: read, written, read again, and answered both as a publisher's and as a viewer's. */
public final class SdpFuzz {
  private static final List<TrackDescription> TRACKS =
      List.of(
          new TrackDescription(Kind.AUDIO, "opus", 48_000, 2, "minptime=10;useinbandfec=1"),
          new TrackDescription(Kind.VIDEO, "VP8", 90_000, 1, ""));
  private static final LocalIce ICE =
      new LocalIce(
          "abcd",
          "0123456789abcdefghijkl",
          List.of(new HostCandidate("fd00::1", 8080), new HostCandidate("192.0.2.1", 8080)));

  private SdpFuzz() {}

  public static void fuzzerTestOneInput(byte[] data) {
    switch (SdpParser.parse(new String(data, StandardCharsets.UTF_8))) {
      case SdpParser.Malformed malformed -> assertTrue(malformed.sentence().endsWith("."));
      case SdpParser.Parsed parsed -> {
        SessionDescription offer = parsed.description();
        assertEquals(offer, again(offer));
        answer(offer, Negotiator.publish(offer), false);
        answer(offer, Negotiator.watch(offer, TRACKS), true);
      }
    }
  }

  private static SessionDescription again(SessionDescription description) {
    return assertInstanceOf(SdpParser.Parsed.class, SdpParser.parse(SdpWriter.write(description)))
        .description();
  }

  private static void answer(SessionDescription offer, Negotiation negotiation, boolean viewer) {
    switch (negotiation) {
      case Negotiation.Rejected rejected -> assertTrue(rejected.sentence().endsWith("."));
      case Negotiation.Agreed agreed -> {
        Map<Integer, LocalTrack> tracks = new HashMap<>();
        for (NegotiatedMedia media : agreed.remote().media()) {
          if (viewer) {
            tracks.put(media.index(), new LocalTrack(1, 2, "c", "s", "t"));
          }
        }
        Opened opened = new Opened(ICE, "AB:".repeat(31) + "CD", tracks);
        SessionDescription answer = AnswerWriter.answer(agreed, opened, 7);
        assertEquals(offer.media().size(), answer.media().size());
        assertEquals(answer, again(answer));
        agreed.tag();
      }
    }
  }
}
