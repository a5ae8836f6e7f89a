package live.banyan.system;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import live.banyan.sfu.dtls.DtlsFingerprint;
import live.banyan.sfu.shard.StunRequests;

/**
 * A WHEP session whose offer was written here: nobody sends what the node waits for, unless the
 * test does.
 *
 * @param resource of the session
 * @param ufrag the node's
 * @param password the node's
 * @param fingerprint of the node's certificate
 */
record HandMadeSession(URI resource, String ufrag, String password, DtlsFingerprint fingerprint) {
  /** The client's user fragment. */
  static final String OURS = "ours";

  /** A viewer's offer of one video section. */
  static String offer(DtlsFingerprint fingerprint, String codec) {
    return String.join(
            "\r\n",
            "v=0",
            "o=- 1 1 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=group:BUNDLE 0",
            "m=video 9 UDP/TLS/RTP/SAVPF 96",
            "c=IN IP4 0.0.0.0",
            "a=mid:0",
            "a=ice-ufrag:" + OURS,
            "a=ice-pwd:aPasswordOf24LettersLong",
            "a=fingerprint:" + fingerprint.algorithm() + " " + fingerprint.value(),
            "a=setup:active",
            "a=recvonly",
            "a=rtcp-mux",
            "a=rtpmap:96 " + codec + "/90000")
        + "\r\n";
  }

  static HandMadeSession join(URI whep, String token, DtlsFingerprint fingerprint)
      throws IOException, InterruptedException {
    HttpResponse<String> response =
        NodeApi.HTTP.send(
            HttpRequest.newBuilder(whep)
                .header("Content-Type", "application/sdp")
                .header("Authorization", "Bearer " + token)
                .POST(HttpRequest.BodyPublishers.ofString(offer(fingerprint, "VP8")))
                .build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(201, response.statusCode(), response.body());
    String answer = response.body();
    return new HandMadeSession(
        whep.resolve(response.headers().firstValue("Location").orElseThrow()),
        value(answer, "ice-ufrag:(\\S+)"),
        value(answer, "ice-pwd:(\\S+)"),
        DtlsFingerprint.of(
                value(answer, "fingerprint:(\\S+)"), value(answer, "fingerprint:\\S+ (\\S+)"))
            .orElseThrow());
  }

  private static String value(String answer, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(answer);
    if (!matcher.find()) {
      throw new AssertionError("no " + pattern + " in " + answer);
    }
    return matcher.group(1);
  }

  String username() {
    return ufrag + ":" + OURS;
  }

  /** A check that the node accepts. */
  byte[] check() {
    return StunRequests.check(username(), password, true);
  }
}
