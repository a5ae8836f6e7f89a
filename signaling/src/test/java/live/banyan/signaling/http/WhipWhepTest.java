package live.banyan.signaling.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import live.banyan.signaling.auth.Access;
import live.banyan.signaling.port.MediaPlane.Found;
import live.banyan.signaling.port.MediaPlane.Kind;
import live.banyan.signaling.port.MediaPlane.Opening;
import live.banyan.signaling.port.MediaPlane.Reason;
import live.banyan.signaling.port.MediaPlane.Refused;
import live.banyan.signaling.port.MediaPlane.TrackDescription;
import live.banyan.signaling.sdp.Fixtures;
import live.banyan.signaling.session.IceServer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WhipWhepTest {
  private static final String PUBLISHER = "chromium156_whip_sendonly";
  private static final String VIEWER = "chromium156_whep_recvonly";
  private static final String TRICKLE =
      "m=audio 9 UDP/TLS/RTP/SAVPF 0\r\na=mid:0\r\n"
          + "a=candidate:1 1 udp 2122194687 192.0.2.9 5000 typ host\r\n"
          + "a=candidate:2 1 udp 2122194687 x.local 5000 typ host\r\n"
          + "a=end-of-candidates\r\n";
  private static final String RESTART =
      "a=ice-ufrag:newu\r\na=ice-pwd:0123456789abcdefghijklmn\r\n" + TRICKLE;

  private ServerHarness harness;

  @BeforeEach
  void start() {
    harness = ServerHarness.open();
  }

  @AfterEach
  void stop() {
    harness.close();
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  private static void assertProblem(int status, String reason, HttpResponse<String> response) {
    assertEquals(status, response.statusCode(), response.body());
    assertEquals("application/problem+json", header(response, "Content-Type"));
    try {
      JsonNode problem = new ObjectMapper().readTree(response.body());
      assertEquals(status, problem.get("status").asInt());
      assertEquals(reason, problem.get("reason").asText());
      assertTrue(problem.get("detail").asText().endsWith("."), response.body());
    } catch (IOException notJson) {
      throw new AssertionError(response.body(), notJson);
    }
  }

  @Test
  void publisherGetsAnAnswerAndASession() {
    HttpResponse<String> created = harness.post("/whip/live/cam-1", PUBLISHER);
    assertEquals(201, created.statusCode());
    assertEquals("application/sdp", header(created, "Content-Type"));
    assertTrue(header(created, "Location").matches("/sessions/[A-Za-z0-9_-]{22}"));
    assertTrue(header(created, "ETag").matches("\"[A-Za-z0-9_-]+\""));
    assertEquals("application/trickle-ice-sdpfrag", header(created, "Accept-Patch"));
    assertEquals("application/sdp", header(created, "Accept-Post"));
    assertEquals("*", header(created, "Access-Control-Allow-Origin"));
    assertTrue(header(created, "Access-Control-Expose-Headers").contains("Location, ETag, Link"));
    assertEquals(2, Fixtures.parsed(created.body()).media().size());
    assertEquals(List.of("publish live/cam-1"), harness.plane.calls);

    HttpResponse<String> ended = harness.send("DELETE", header(created, "Location"), "");
    assertEquals(200, ended.statusCode());
    assertEquals(0, harness.plane.sessions());
    assertProblem(404, "unknown-session", harness.send("DELETE", header(created, "Location"), ""));
  }

  @Test
  void viewerGetsAnAnswerOfWhatIsPublished() {
    HttpResponse<String> created = harness.post("/whep/news", VIEWER);
    assertEquals(201, created.statusCode());
    assertEquals(List.of("find news", "subscribe news"), harness.plane.calls);
    assertTrue(Fixtures.parsed(created.body()).media().get(1).has("sendonly"));
    assertTrue(harness.get("/metrics").body().contains("banyan_sessions_open{kind=\"watch\"} 1"));
  }

  @ParameterizedTest
  @CsvSource({
    "UNKNOWN_STREAM, 404, unknown-stream, ''",
    "NOT_LIVE, 409, not-live, 2",
    "NO_COMMON_CODEC, 422, no-common-codec, ''",
    "OVERLOADED, 503, overloaded, 5",
    "DRAINING, 503, draining, 5"
  })
  void refusalsHaveTheirStatus(Reason reason, int status, String word, String retryAfter) {
    Refused refused = new Refused(reason, "A sentence.");
    harness.plane.lookup = CompletableFuture.completedFuture(refused);
    HttpResponse<String> lookup = harness.post("/whep/news", VIEWER);
    assertProblem(status, word, lookup);
    assertEquals(retryAfter, header(lookup, "Retry-After"));
    harness.plane.opening = CompletableFuture.completedFuture(refused);
    assertProblem(status, word, harness.post("/whip/news", PUBLISHER));
  }

  @Test
  void viewerWithoutTheCodecIs422() {
    TrackDescription h264 =
        new TrackDescription(Kind.VIDEO, "H264", 90_000, 1, "packetization-mode=1");
    harness.plane.lookup = CompletableFuture.completedFuture(new Found(List.of(h264)));
    assertProblem(422, "no-common-codec", harness.post("/whep/news", "firefox153_whep_recvonly"));
    assertEquals(List.of("find news"), harness.plane.calls);
  }

  @Test
  void failuresOfThePlaneAre500AndLeakNothing() {
    harness.plane.opening = CompletableFuture.failedFuture(new IllegalStateException("secret"));
    HttpResponse<String> failed = harness.post("/whip/news", PUBLISHER);
    assertProblem(500, "internal", failed);
    assertFalse(failed.body().contains("secret"));
  }

  @Test
  void whatOpensTooLateIsClosedAgain() {
    try (ServerHarness hasty = hasty()) {
      CompletableFuture<Opening> late = new CompletableFuture<>();
      hasty.plane.opening = late;
      assertProblem(503, "timeout", hasty.post("/whip/news", PUBLISHER));
      late.complete(Fixtures.opened(java.util.Map.of()));
      assertTrue(ServerHarness.eventually(() -> hasty.plane.closed.size() == 1));
      hasty.plane.opening = null;
      assertEquals(201, hasty.post("/whip/news", PUBLISHER).statusCode(), "its place is free");
    }
  }

  private static ServerHarness hasty() {
    return new ServerHarness(
        new SignalingConfig(
            "127.0.0.1",
            0,
            null,
            List.of(),
            128 * 1024,
            300,
            300,
            0,
            1,
            1,
            1,
            100,
            List.of(
                IceServer.stun("stun:stun.example.net"),
                new IceServer(
                    "turn:turn.example.net?transport=udp", new IceServer.Password("u", "p"))),
            false),
        Access.open());
  }

  @Test
  void sessionsAreBounded() {
    try (ServerHarness small = hasty()) {
      HttpResponse<String> first = small.post("/whip/a", PUBLISHER);
      assertEquals(201, first.statusCode());
      HttpResponse<String> second = small.post("/whip/b", PUBLISHER);
      assertProblem(503, "sessions-full", second);
      assertEquals("5", header(second, "Retry-After"));
      small.plane.end(header(first, "Location").substring("/sessions/".length()));
      assertEquals(201, small.post("/whip/b", PUBLISHER).statusCode());
    }
  }

  @Test
  void iceServersAreLinked() {
    try (ServerHarness linked = hasty()) {
      List<String> expected =
          List.of(
              "<stun:stun.example.net>; rel=\"ice-server\"",
              "<turn:turn.example.net?transport=udp>; rel=\"ice-server\"; username=\"u\";"
                  + " credential=\"p\"; credential-type=\"password\"");
      assertEquals(expected, linked.post("/whip/a", PUBLISHER).headers().allValues("Link"));
      assertEquals(expected, linked.send("OPTIONS", "/whip/a", "").headers().allValues("Link"));
      assertEquals(
          List.of(),
          linked
              .send("OPTIONS", "/whip/a", "", "Access-Control-Request-Method", "POST")
              .headers()
              .allValues("Link"));
    }
  }

  @Test
  void badOffersSayWhatIsWrong() {
    assertProblem(
        415, "not-sdp", harness.send("POST", "/whip/a", "v=0", "Content-Type", "text/plain"));
    assertProblem(415, "not-sdp", harness.send("POST", "/whip/a", "v=0"));
    assertProblem(
        400,
        "malformed-sdp",
        harness.send("POST", "/whip/a", "hello", "Content-Type", "application/sdp"));
    String noFingerprint = Fixtures.text(PUBLISHER).replaceAll("a=fingerprint:[^\r\n]*\r?\n", "");
    assertProblem(
        400,
        "invalid-offer",
        harness.send(
            "POST", "/whip/a", noFingerprint, "Content-Type", "application/sdp; charset=utf-8"));
    assertProblem(422, "unsupported", harness.post("/whip/a", VIEWER));
    assertProblem(422, "unsupported", harness.post("/whep/a", PUBLISHER));
    assertEquals(0, harness.plane.sessions());
  }

  @Test
  void hugeBodiesAre413() {
    String type = "application/sdp";
    assertProblem(
        413,
        "too-large",
        harness.send("POST", "/whip/a", "v".repeat(70_000), "Content-Type", type));
    assertProblem(
        413,
        "too-large",
        harness.send("POST", "/whip/a", "v".repeat(200_000), "Content-Type", type));
  }

  @Test
  void hugeChunkedBodyIs413() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", harness.server.port())) {
      socket.setSoTimeout(10_000);
      OutputStream out = socket.getOutputStream();
      out.write(head("Transfer-Encoding: chunked"));
      byte[] chunk = ("8000\r\n" + "v".repeat(0x8000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      for (int i = 0; i < 5; i++) {
        out.write(chunk);
      }
      out.flush();
      assertTrue(readAll(socket).startsWith("HTTP/1.1 413"));
    }
  }

  @Test
  void slowBodiesAre408() throws IOException {
    try (ServerHarness hasty = hasty();
        Socket socket = new Socket("127.0.0.1", hasty.server.port())) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(head("Content-Length: 100"));
      socket.getOutputStream().write('v');
      String answer = readAll(socket);
      assertTrue(answer.startsWith("HTTP/1.1 408"), answer);
      assertTrue(answer.contains("too-slow"));
    }
  }

  private static byte[] head(String length) {
    return ("POST /whip/a HTTP/1.1\r\nHost: x\r\nContent-Type: application/sdp\r\n"
            + length
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads until the server closes. */
  private static String readAll(Socket socket) throws IOException {
    InputStream in = socket.getInputStream();
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/whip/", "/whip/a/b/c", "/whip/a%20b", "/whip/a/", "/whip/ä"})
  void badStreamNamesAre404(String path) {
    String ascii = path.replace("ä", "%C3%A4");
    assertProblem(404, "bad-stream-name", harness.post(ascii, PUBLISHER));
  }

  @Test
  void otherMethodsKeepToTheRfc() {
    assertEquals(204, harness.get("/whip/a").statusCode());
    HttpResponse<String> head = harness.send("HEAD", "/whep/a", "");
    assertEquals(200, head.statusCode());
    assertEquals("application/sdp", header(head, "Content-Type"));
    HttpResponse<String> put = harness.send("PUT", "/whip/a", "x");
    assertProblem(405, "method", put);
    assertTrue(header(put, "Allow").contains("POST"));
    assertProblem(405, "method", harness.send("PUT", "/sessions/x", "x"));
    assertProblem(405, "method", harness.send("POST", "/sessions/x", "x"));
  }

  @Test
  void preflightsAreAnswered() {
    HttpResponse<String> endpoint =
        harness.send(
            "OPTIONS",
            "/whip/a",
            "",
            "Access-Control-Request-Method",
            "POST",
            "Access-Control-Request-Headers",
            "authorization,content-type");
    assertEquals(200, endpoint.statusCode());
    assertEquals("*", header(endpoint, "Access-Control-Allow-Origin"));
    assertTrue(header(endpoint, "Access-Control-Allow-Methods").contains("POST"));
    assertTrue(header(endpoint, "Access-Control-Allow-Headers").contains("Authorization"));
    assertEquals("application/sdp", header(endpoint, "Accept-Post"));
    HttpResponse<String> session =
        harness.send("OPTIONS", "/sessions/x", "", "Access-Control-Request-Method", "PATCH");
    assertTrue(header(session, "Access-Control-Allow-Methods").contains("PATCH"));
    assertTrue(header(session, "Access-Control-Allow-Headers").contains("If-Match"));
    assertEquals("application/trickle-ice-sdpfrag", header(session, "Accept-Patch"));
  }

  @Test
  void etagWalk() {
    HttpResponse<String> created = harness.post("/whip/a", PUBLISHER);
    String session = header(created, "Location");
    String first = header(created, "ETag");

    assertProblem(428, "if-match-missing", harness.patch(session, TRICKLE));
    assertProblem(412, "stale-etag", harness.patch(session, TRICKLE, "If-Match", "\"other\""));
    HttpResponse<String> trickled = harness.patch(session, TRICKLE, "If-Match", first);
    assertEquals(204, trickled.statusCode());
    assertEquals("", header(trickled, "ETag"));

    HttpResponse<String> restarted = harness.patch(session, RESTART, "If-Match", "*");
    assertEquals(200, restarted.statusCode());
    assertEquals("application/trickle-ice-sdpfrag", header(restarted, "Content-Type"));
    String second = header(restarted, "ETag");
    assertNotEquals(first, second);
    assertTrue(restarted.body().contains("a=ice-ufrag:fresh1\r\n"), restarted.body());
    assertTrue(restarted.body().contains("a=mid:0\r\n"));
    assertTrue(restarted.body().contains("192.0.2.1 8080 typ host"));

    assertProblem(412, "stale-etag", harness.patch(session, TRICKLE, "If-Match", first));
    assertEquals(204, harness.patch(session, TRICKLE, "If-Match", second).statusCode());
    assertEquals(
        204, harness.patch(session, RESTART, "If-Match", "*").statusCode(), "same credentials");
    assertProblem(
        400,
        "malformed-fragment",
        harness.patch(session, "a=ice-ufrag:newer\r\n", "If-Match", second));
    HttpResponse<String> byEtag =
        harness.patch(
            session, RESTART.replace("newu", "newer").replace("0123", "9876"), "If-Match", second);
    assertEquals(200, byEtag.statusCode());
    assertNotEquals(second, header(byEtag, "ETag"));
    assertTrue(harness.get("/metrics").body().contains("banyan_ice_restarts_total 2"));
  }

  @Test
  void badPatchesSayWhatIsWrong() {
    HttpResponse<String> created = harness.post("/whip/a", PUBLISHER);
    String session = header(created, "Location");
    String etag = header(created, "ETag");
    assertProblem(
        415,
        "not-a-fragment",
        harness.send(
            "PATCH", session, TRICKLE, "Content-Type", "application/sdp", "If-Match", etag));
    assertProblem(400, "malformed-fragment", harness.patch(session, "hello", "If-Match", etag));
    assertProblem(
        400, "malformed-fragment", harness.patch(session, "a=ice-ufrag:x\r\n", "If-Match", "*"));
    assertProblem(404, "unknown-session", harness.patch("/sessions/x", TRICKLE, "If-Match", "*"));
    harness.plane.end(session.substring("/sessions/".length()));
    assertProblem(404, "unknown-session", harness.patch(session, TRICKLE, "If-Match", etag));
  }

  @Test
  void escapedPathsNameTheSameStream() {
    assertEquals(201, harness.post("/%77hip/c/n", PUBLISHER).statusCode());
    assertEquals(201, harness.post("/x/../whip/c/n", PUBLISHER).statusCode());
    assertEquals(List.of("publish c/n", "publish c/n"), harness.plane.calls);
  }

  @Test
  void unknownAddressesAreProblems() {
    assertProblem(404, "unknown-resource", harness.get("/nothing"));
    assertProblem(404, "unknown-resource", harness.get("/api/v1/nothing"));
    assertProblem(404, "unknown-resource", harness.send("POST", "/nothing", "x"));
  }
}
