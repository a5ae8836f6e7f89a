package live.banyan.signaling.sdp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import live.banyan.signaling.port.MediaPlane.HostCandidate;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.LocalIce;
import live.banyan.signaling.port.MediaPlane.LocalTrack;
import live.banyan.signaling.port.MediaPlane.Opened;
import live.banyan.signaling.port.MediaPlane.TrackDescription;

/** Offers that real clients made, and the plane's side of an answer. */
public final class Fixtures {
  public static final List<String> PUBLISHERS =
      List.of(
          "chromium156_room_sendrecv_datachannel",
          "chromium156_sendonly_svc_L3T3_KEY",
          "chromium156_whip_sendonly",
          "chromium156_whip_sendonly_maxbundle",
          "chromium156_whip_sendonly_simulcast3",
          "ffmpeg8.1.2_whip_h264",
          "firefox153_room_sendrecv_datachannel",
          "firefox153_whip_sendonly",
          "firefox153_whip_sendonly_maxbundle",
          "firefox153_whip_sendonly_simulcast3");

  public static final List<String> VIEWERS =
      List.of(
          "chromium156_room_sendrecv_datachannel",
          "chromium156_whep_recvonly",
          "chromium156_whep_recvonly_nogum_mdns",
          "firefox153_room_sendrecv_datachannel",
          "firefox153_whep_recvonly",
          "firefox153_whep_recvonly_nogum_mdns");

  public static final TrackDescription OPUS =
      new TrackDescription(Kind.AUDIO, "opus", 48_000, 2, "minptime=10;useinbandfec=1");
  public static final TrackDescription VP8 = new TrackDescription(Kind.VIDEO, "VP8", 90_000, 1, "");
  public static final String FINGERPRINT = "AB:".repeat(31) + "CD";

  private Fixtures() {}

  public static List<String> all() {
    List<String> names = new ArrayList<>(PUBLISHERS);
    VIEWERS.stream().filter(name -> !names.contains(name)).forEach(names::add);
    return names;
  }

  public static String text(String name) {
    try (InputStream in = Fixtures.class.getResourceAsStream("/sdp/" + name + ".sdp")) {
      if (in == null) {
        throw new IllegalArgumentException("no fixture " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  public static SessionDescription offer(String name) {
    return parsed(text(name));
  }

  public static SessionDescription parsed(String text) {
    return switch (SdpParser.parse(text)) {
      case SdpParser.Parsed parsed -> parsed.description();
      case SdpParser.Malformed malformed -> throw new AssertionError(malformed.sentence());
    };
  }

  public static Opened opened(Map<Integer, LocalTrack> tracks) {
    return new Opened(
        new LocalIce(
            "abcd",
            "0123456789abcdefghijkl",
            List.of(new HostCandidate("fd00::1", 8080), new HostCandidate("192.0.2.1", 8080))),
        FINGERPRINT,
        tracks);
  }
}
